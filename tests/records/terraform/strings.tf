# Escapes, heredocs and templates.
locals {
  escapes       = "a\"b\\c\n\t\r\u00e9\U0001F600 $${x} %%{y} $ % $$ {"
  empty         = ""
  plain_heredoc = <<EOT
  keep $${x} %%{y} \n "q"
    two
EOT
  empty_heredoc = <<EOT
EOT
  one_line_end  = <<EOT

EOT
  indented      = <<-EOT
    {
      "connections_prefix": "airflow/connections",

      "sep": "/"
    }
    EOT
  outdented_end = <<-EOT
      a
        b
  EOT
  value_first   = <<-EOT
    ${local.name}
      w
    EOT
  blank_lines   = <<-EOT

      a

    b
   
    EOT
  tabs          = <<-EOT
	one
		two
	EOT
  trimmed       = <<-EOT
      a ~
      ${~"b"~}
      c
    EOT
  trimmed_both  = "a  ${~local.name~}  b"
  only_value    = "${local.number}"
  numbers       = "a${1}b${true}c${1.50}d${-3}e${1e3}f${0.10}"
  name          = "orders"
  number        = 5432
  nested        = "x-${"y-${local.name}"}-z"
  choice        = local.number == 5432 ? "yes" : "no"
  other_choice  = local.name != "orders" || !true ? "yes" : "no"
  in_heredoc    = <<EOT
prefix/${upper(local.name)}/${local.number}
EOT
  directive     = "a%{if true}b%{endif}c"
}
