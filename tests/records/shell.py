"""Writes shell.jsonl: what bash makes of snippets, `python3 shell.py > shell.jsonl`.

Each snippet calls `show`, which notes its arguments, or `input`, which notes them and its standard
input. Both are functions, so nothing else runs but bash itself, in an empty directory.
"""

import json
import os
import random
import subprocess
import tempfile

PROLOGUE = r"""
exec 9>"$LOG"
show() { printf 'show\0%s\0' "$#" >&9; [ "$#" -eq 0 ] || printf '%s\0' "$@" >&9; }
input() {
  printf 'input\0%s\0' "$#" >&9; [ "$#" -eq 0 ] || printf '%s\0' "$@" >&9
  local text; IFS= read -r -d '' text; printf '%s\0' "$text" >&9
}
"""

WRITTEN = [
    # Quotes
    "show a 'b c' \"d e\" f\\ g",
    "show '' \"\" a''b \"\"'' x\"\"",
    "show 'a\\b' \"a\\b\" a\\b \"a\\\\b\" \"a\\\"b\" \"a\\$b\" \"a\\`b\" \"a\\'b\"",
    "show 'it'\\''s' \"it's\" 'a\"b'",
    "show \"a\nb\" 'c\nd'",
    "show a\\\nb \"c\\\nd\" 'e\\\nf' \\\n  g",
    "show $'a\\tb\\n' $'it\\'s' $'\\x41\\101\\u00e9\\U0001F600' $'\\e[0m' $'\\\"\\\\'",
    "show $'\\xc3\\xa9' $'a\\0b' $'\\q' $'\\cA' \"$'a'\" $'\\u' $'\\x'",
    "show $\"a b\" a$\"b\"",
    "show a#b # comment 'open\nshow '#' \\#c \"# d\"",
    "show a;show b",
    "show äöü \"ä\" 'ö' \\ü \\\u00e9",
    "show $ a$ \"$\" \"a$ b\" $. '$a' $'$a'",
    "show a\\\tb\tc",
    # JSON
    "show K='{\"a\": \"b\"}'",
    "show K={\"a\": \"b\"}",
    "show K={\"a\":\"x\",\"b\":\"y\"}",
    "show K={\"a\":\"x\"}",
    "show K=\"{\"a\": \"x\"}\"",
    "show K=\"{\\\"a\\\": \\\"x\\\"}\"",
    "show K={'a':'x','b':'y'}",
    "show '{\"a\": {\"b\": [1, 2]}}' [1,2] {\"a\":[1,2]}",
    "show \"K={\\\"a\\\":\\\"b\\\",\\\"c\\\":\\\"d\\\"}\"",
    "show --set 'a={\"k\": \"v\"}' --x={a,b}",
    # Braces
    "show {a,b} x{a,b}y {a,b}{c,d} {a} {} {a,} {,} a{,b} {a,{b,c}} {a{b,c}} {{a,b} {a,b}} {a,b",
    "show {1..3} {3..1} {01..3} {1..10..4} {a..e} {e..a..2} {1..a} {1..} {..2} {a..} {-1..1} {1..3}{a,b}",
    "show \"{a,b}\" '{a,b}' {a\\,b} \\{a,b} {\"a,b\",c} {a,'b c'} {$,b} {a b,c}",
    "show a{b,c}d{e,f} {a,b}' x' ${X:-{a,b}} {0001..2} {-01..1}",
    "show {a,b\\}} {a,\"}\"} {x,y}{ {x} {a,,b} {,a}",
    "show K={a,b} K=[{a,b}]",
    "X={a,b}\nshow \"$X\" $X",
    "export Y={a,b}\nshow \"$Y\"",
    # Variables
    "X=abc\nshow $X \"$X\" ${X} a${X}b \"$X$X\" '$X'",
    "X='a b'\nshow $X \"$X\" x$X y$X\\z",
    "X='  a  b '\nshow $X \"$X\" x${X}y",
    "X=\nshow $X \"$X\" a$X",
    "X='*.py'\nshow \"$X\"",
    "X='{\"a\": \"b\"}'\nshow K=$X K=\"$X\"",
    "X='{\"a\":\"b\",\"c\":\"d\"}'\nshow K=$X K=\"$X\"",
    "X=a Y=b\nZ=$X/$Y\nshow $Z",
    "X=a\nX=b\nshow $X",
    "X=a; f() { X=b; }; f; show $X",
    "if true; then X=a; fi\nshow $X",
    "X=a\n(X=b)\nshow $X",
    "for X in a b; do show $X; done",
    "X=a | true\nshow \"$X\"",
    "X=a &\nwait\nshow \"$X\"",
    "true && X=a\nshow $X",
    "false || X=a\nshow $X",
    "X=a show $X",
    "X+=a\nshow $X",
    "X=a\nunset X\nshow \"$X\"",
    "X=a\nread -r X <<< b\nshow $X",
    "X=(a b)\nshow \"${X[@]}\" \"$X\"",
    "X=a\nshow ${X:-b} ${Y:-b} ${X#a} ${#X} ${X/a/b}",
    "IFS=,\nX=a,b\nshow $X",
    "export X='a b'\nreadonly Y=\"$X c\"\nshow \"$X\" \"$Y\"",
    "declare -r X=a\nshow $X",
    ": ${X:=a}\nshow $X",
    "X=1\n((X++))\nshow $X",
    "X=1\nlet X=X+1\nshow $X",
    "X=1\nY=$((X+=1))\nshow $X",
    "printf -v X a\nshow $X",
    "X=$'a\\nb'\nshow $X \"$X\"",
    "f() { local X=b; show $X; }\nX=a\nf\nshow $X",
    "X='a\"b'\nshow \"$X\" $X",
    "X=a\\ b\nshow $X",
    "X=\"a\"'b'c\nshow $X",
    "X=a:b\nshow ${X}c \"${X}\"",
    "X=a Y=$X\nshow \"$X$Y\"",
    "export A=1 B=2\nshow $A$B",
    "export \"X=a\"\nX=b\nshow $X",
    # Here-documents
    "input <<EOF\na 'b' \"c\" \\d \\\\ \\$x \\`\nEOF\nshow after",
    "X=v\ninput <<EOF\n$X ${X} '$X' \\$X\nEOF",
    "X=v\ninput <<'EOF'\n$X \\$X \\\\\nEOF",
    "input <<-EOF\n\ta\n\t\tb\n\tEOF\nshow x",
    "input <<\"E F\"\nx\nE F",
    "input <<\\EOF\n$X\nEOF",
    "input <<EOF; show a\nbody\nEOF\nshow b",
    "input <<A a; input <<B b\n1\nA\n2\nB\nshow c",
    "input <<EOF\na\\\nb\nEOF\nshow x",
    "input <<EOF\na\\\nEOF\nb\nEOF\nshow x",
    "input <<EOF\nEOF\nshow x",
    "input <<EOF\n EOF\nEOF \nEOF\nshow x",
    "input <<EOF \"a\nb\"\nbody\nEOF\nshow x",
    "show \"$(input <<EOF\nin\nEOF\n)\" z",
    "input <<< abc\ninput <<< 'a b'\nX='c d'\ninput <<< \"$X\"\ninput <<< $X",
    "show a <<EOF b\nx\nEOF",
    "if true; then\n  input <<EOF\n{\"a\": \"b\"}\nEOF\nfi\nshow x",
    "{ input; } <<EOF\nx\nEOF\nshow y",
    "input <<EOF | true\nx\nEOF\nshow y",
    "cat <<EOF >/dev/null\nshow inside\nEOF\nshow outside",
    # As scripts deploy
    "ID=abc\nshow deployment variable update --deployment-id \"$ID\" A=1 B='x y' --secret",
    "show deployment variable create -d abc \\\n  K='{\"connections_prefix\": \"airflow/connections\", \"role_arn\": \"arn:aws:iam::1:role/x\"}' \\\n  --secret",
    "show create K={\"connections_prefix\": \"airflow-connections\", \"n\": 1} --secret",
    "show create K={\"a\":\"x\",\"b\":{\"c\":\"d\",\"e\":1}} L=\"{\\\"a\\\": \\\"x\\\"}\"",
    "show put-secret-value --secret-id p/x --secret-string '{\n  \"user\": \"u\",\n  \"password\": \"p@ss!\"\n}'",
    "PREFIX=airflow/variables\nfor name in a b; do show create-secret --name \"$PREFIX/$name\"; done",
    "create() { show create-secret --name \"$1\" --secret-string \"$2\"; }\ncreate p/a 'x y'",
    "JSON=$(cat <<EOF\n{\"a\": \"b\"}\nEOF\n)\nshow \"$JSON\"",
    "read -r -d '' JSON <<'EOF' || true\n{\"a\": \"$b\"}\nEOF\nshow \"$JSON\"",
    "input secrets versions add x --data-file=- <<EOF\npostgres://u:p%40w@h/db?a=b&c=d\nEOF",
    "URI='postgres://u:p@h/db?sslmode=require'\nshow --secret-string \"$URI\" --x $URI",
    "show --value \"a'b\" --value 'a\"b' --value a\\'b --value \"a\\\\b\"",
    "if ! show describe x >/dev/null 2>&1; then show create x; else show update x; fi",
    "show create x || show update x\nshow create y && show tag y",
    "set -euo pipefail\nshow a \\\n  # no comment here\nshow b",
    "for f in one two; do\n  while read -r k v; do show \"$k=$v\"; done <<< \"$f 1\"\ndone",
    "cat <<'EOF' > /dev/null\nshow no\nEOF\nshow yes",
    "show \"${HOME}/.aws\" '${HOME}' \"\\${HOME}\"",
    # Commands
    "show a && show b || show c; show d",
    "! show a",
    "if show a; then show b; else show c; fi",
    "while show a; do show b; break; done",
    "until ! show a; do show b; break; done",
    "for x in 'a b' c; do show i; done",
    "for ((i=0;i<2;i++)); do show j; done",
    "case x in a|b) show a;; x) show x;; esac; show y",
    "case x in (x) show x ;& y) show y ;; esac",
    "case \"a b\" in\n  a\\ b)\n    show one\n    ;;\n  *) show two\nesac\nshow z",
    "f() { show in-f \"$1\"; }\nf a",
    "function g { show in-g; }\ng",
    "function h() (\n show in-h\n)\nh",
    "(show a; show b)",
    "{ show a; show b; }",
    "show a | cat; show b",
    "show \"$(show in)\" out",
    "show `show in` out",
    "show \"`show \\\"a b\\\"`\" out",
    "show `show \\`show deep\\`` out",
    "show $(show $(show deep)) out",
    "show \"$(show \"a b\")\" \"x $(show 'c d') y\"",
    "show $((1 + (2 * 3))) $[1+2] x",
    "show $( (show sub) ) x",
    "show <(true) x >/dev/null",
    "show 2>/dev/null a >/dev/null b </dev/null c &>/dev/null d 2>&1",
    "show 2 >/dev/null 2>/dev/null; show 2>/dev/null",
    ">/dev/null show a",
    "X=1 Y=2 show a X=3",
    "X=1 >/dev/null show a",
    "time show a",
    "[[ a == a && ( b < c || x > y ) ]] && show yes",
    "[[ ab =~ ^(a|b)+$ ]] && show yes",
    "[ a = a ] && show yes",
    "((1 < 2)) && show yes",
    "show a &\nwait",
    "show a \\\n  --b c \\\n  --d 'e f'\nshow g",
    "show a; # comment\n# show no\nshow b #no",
    "show if then else fi do done { } ! [[",
    "show a&&show b",
    "show a;;\nshow b",
    "true|show a",
    "show in\nshow for case",
    "if true\nthen\nshow a\nelif true\nthen\nshow b\nfi",
    "show a=b=c --x=y=z -k=v",
    "show ${UNSET:-\"a b\"} ${UNSET:-'c}'} x",
    "show \"${UNSET:-a b}\" \"${UNSET:-\"c d\"}\" x",
    "show \"${UNSET:-$(show in)}\" x",
    "set -- a b\nshow \"$@\" \"$*\" $# \"$1\"",
    "show ~/x a~ \"~\" '~' X=~/y --x=~/y X=a:~/z \\~",
    "X=~/a\nshow \"$X\"",
    "echo \"show no\" >/dev/null; echo 'show no' >/dev/null",
    "show \"a\"b'c'd\\e$'f'",
    "a() { show a; }; b() { a; show b; }; b",
    "show -- - -- a",
    "eval 'show no-words' 2>/dev/null; show yes",
    "select x in a; do show s; break; done <<< 1 2>/dev/null",
    "coproc show a\nwait",
    "show 'a\nshow b'",
    "show \"a # b\" c#d",
    "trap 'show no' USR1; show yes",
    "while read -r line; do show \"$line\"; done <<EOF\na b\nc\nEOF\nshow end",
    "cat <<EOF | while read -r x; do show loop; done\n1\nEOF",
]

ALPHABET = ["a", "b", "1", "3", " ", " ", "'", '"', "\\", "{", "}", ",", "..", "$X", "${X}", "$Y", "$", "=", "#", "é", "$'", "\\n", "\n", ":", "~", "-", "`show c`", "$(show d)", "X=", "K="]


def generated(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        words = "".join(rng.choice(ALPHABET) for _ in range(rng.randint(2, 14)))
        yield "X='p q'\nY=r\nshow " + words
    braces = ["{", "{", "}", "}", ",", ",", "a", "b", "..", "1", "3", "-", '"', "\\", "c", "Z"]
    for _ in range(count):
        yield "show " + "".join(rng.choice(braces) for _ in range(rng.randint(3, 16)))
    lines = ["a", "\\", "\\\\", "$X", "'", '"', "`show c`", "\n", "\n", "EOF", "\t", "$(show d)", " ", "\\$X", "EOF\n"]
    for _ in range(count // 2):
        mark = rng.choice(["EOF", "'EOF'", "-EOF", "-\"EOF\""])
        body = "".join(rng.choice(lines) for _ in range(rng.randint(1, 12)))
        yield f"X='p q'\ninput <<{mark} x\n{body}\nEOF\nshow end"


def answer(snippet):
    """The calls that bash makes, or None when it objects to the snippet."""
    with tempfile.TemporaryDirectory() as empty:
        log, script = os.path.join(empty, "log"), os.path.join(empty, "script")
        inside = os.path.join(empty, "inside")
        os.mkdir(inside)
        with open(script, "w") as file:
            file.write(PROLOGUE + snippet + "\n")
        environment = {"LOG": log, "PATH": "/usr/bin:/bin", "HOME": "/home/user", "LC_ALL": "C.UTF-8"}
        run = ["bash", "--norc", script]
        check = subprocess.run(["bash", "-n", script], env=environment, cwd=inside, capture_output=True)
        if check.returncode or check.stderr:
            return None
        try:
            ran = subprocess.run(run, env=environment, cwd=inside, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
        except subprocess.TimeoutExpired:
            return None
        # Bodies of here-documents are looked at only when they are used.
        if b"bad substitution" in ran.stderr or b"unexpected EOF" in ran.stderr:
            return None
        with open(log, "rb") as file:
            try:
                fields = file.read().decode().split("\0")[:-1]
            except UnicodeDecodeError:
                return None
    calls = []
    while fields:
        name, count = fields[0], int(fields[1])
        call = {"words": [name, *fields[2 : 2 + count]]}
        fields = fields[2 + count :]
        if name == "input":
            call["input"] = fields.pop(0)
        calls.append(call)
    return calls


def main():
    seen = set()
    for snippet in [*WRITTEN, *generated(300, 7)]:
        calls = None if snippet in seen else answer(snippet)
        seen.add(snippet)
        if calls is not None:
            print(json.dumps({"script": snippet, "calls": calls}, ensure_ascii=False))


main()
