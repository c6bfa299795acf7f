# The functions that build names.
locals {
  formatted  = format("airflow/%s/%s-%d%%", "connections", local.name, 7)
  verbose    = format("%v/%v/%v", "a", 1.5, true)
  large      = format("%s %d", 12345678, 12345678)
  exponent   = format("%v", 12345678)
  alike      = jsonencode([tolist(["a", 1, true]), toset([10, 9]), coalesce(7, "x"), true ? 1 : "x"])
  alike_map  = jsonencode(tomap({ a = 1, b = "x" }))
  padded     = format("%03d", 5)
  quoted     = format("%q", "x")
  joined     = join("/", ["airflow", "connections", local.name])
  two_lists  = join(",", ["a"], ["b", "c"])
  name       = "Orders_DB"
  lowered    = lower(local.name)
  replaced   = replace(local.name, "_", "-")
  removed    = replace("aXbXc", "X", "")
  by_pattern = replace(local.name, "/[A-Z]/", "x")
  trimmed    = trimspace("  a b \n")
  chomped    = chomp("a\n\n")
  no_prefix  = trimprefix("/airflow/x", "/")
  no_suffix  = trimsuffix("airflow/x/", "/")
  merged     = keys(merge({ b = 1 }, { a = 2 }))
  values     = values({ b = 1, a = 2 })
  zipped     = zipmap(["a", "b"], [1, 2])
  looked_up  = lookup({ a = "x" }, "a", "d")
  default    = lookup({ a = "x" }, "b", "d")
  coalesced  = coalesce("", "x")
  tried      = try("x", "y")
  flat       = flatten([["a", ["b"]], ["c"]])
  compacted  = compact(["a", "", "b"])
  distinct   = distinct(["b", "a", "b"])
  joined_set = join(",", toset(["b", "a"]))
  concat     = concat(["a"], ["b"])
  one        = one(["a"])
  text       = tostring(5)
  path       = basename("/a/b")
  split      = split("/", "a/b")
  encoded    = base64encode("a")
  spread     = join("/", concat([["a", "b"]]...))
  dynamic    = "airflow/${var.environment}/x"
  by_cases   = var.environment == "prod" ? "p" : "d"
  same       = var.environment == "prod" ? "s" : "s"
}

variable "environment" {
  default = "dev"
}

resource "terraform_data" "by_name" {
  for_each = toset(["orders", "billing"])
  input    = "airflow/connections/${each.key}"
}

resource "terraform_data" "by_map" {
  for_each = { orders = { uri = "postgres://a" }, billing = { uri = "mysql://b" } }
  input    = "${each.key}=${each.value.uri}"
}

resource "terraform_data" "by_count" {
  count = 2
  input = "airflow/variables/${["a", "b"][count.index]}"
}

resource "terraform_data" "none" {
  count = 0
  input = "never"
}

resource "terraform_data" "chained" {
  for_each = terraform_data.by_map
  input    = "again ${each.value.input}"
}

locals {
  by_name  = { for key, it in terraform_data.by_name : key => it.input }
  by_map   = [for it in terraform_data.by_map : it.input]
  by_count = terraform_data.by_count[*].input
  second   = terraform_data.by_count[1].input
  by_key   = terraform_data.by_name["orders"].input
  none     = terraform_data.none[*].input
  chained  = terraform_data.chained["orders"].input
}
