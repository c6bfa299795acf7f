# What jsonencode makes of values, and what else people build kwargs and secrets with.
locals {
  kwargs = jsonencode({
    "connections_prefix" : "airflow/connections",
    variables_prefix = "airflow/variables"
    sep              = "/"
    region_name      = local.region
    full_url_mode    = false
    none             = null
  })
  region   = "eu-central-1"
  escapes  = jsonencode({ b = "<a>&é\u2028\u2029\t\u0001\"\\/\u007f\r\n", a = "😀" })
  numbers  = jsonencode([1, 1.50, 1e3, -0.5, 0.10, 100000000000000000000001, -7, 0])
  shapes   = jsonencode({ list = [], object = {}, text = "", deep = { a = [{ b = [null, true] }] } })
  keys     = jsonencode({ "k y" = 1, (upper("z")) = 2, a = 3, A = 4, "0" = 5, é = 6 })
  twice    = jsonencode({ conn_type = "aws", extra = jsonencode({ region_name = local.region }) })
  set      = jsonencode(toset(["b", "a", "b"]))
  texts    = jsonencode("plain")
  merged   = jsonencode(merge({ a = 1, b = 2 }, { b = 3, c = 4 }))
  listed   = jsonencode([for name in ["x", "y"] : { name = name }])
  mapped   = jsonencode({ for key, value in { a = "1", b = "2" } : upper(key) => "v-${value}" })
  filtered = jsonencode([for key, value in { a = 1, b = 2 } : key if value == 2])
  indexed  = jsonencode([for index, value in ["x", "y"] : "${index}-${value}"])
  policy   = <<EOT
{"Resource": ${jsonencode(["a", "b"])}}
EOT
  taken    = jsonencode([local.object.b[1], local.object["a"], local.list[0], local.list[*].k, local.list.*.k])
  object   = { a = "x", b = ["y", "z"] }
  list     = [{ k = 1 }, { k = 2 }]
}
