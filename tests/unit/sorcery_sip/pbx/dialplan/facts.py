"""What Asterisk 22.10.1 made of texts, files and calls: `tests/interop/test_dialplan_asterisk.py` asks it again."""

from __future__ import annotations

SETUP = [
    "Set(a=hello)",
    "Set(b=a)",
    "Set(c=a-b-c-d-e)",
    "Set(c2=a-b-c)",
    "Set(l=a-b-c-b)",
    "Set(d=${a}-\\$\\{a\\})",
    "Set(d=\\${a})",
    "Set(HASH(h,a)=1)",
    "Set(HASH(h,b)=2)",
    "Set(ARRAY(x,y)=10\\,20)",
    "Set(c=a b c)",
    "Set(a=hello)",
    'Set(V1="quoted")',
    "Set(V2 = spaced )",
    "Set(V3=a=b)",
    "Set(V4=a,b)",
    "Set(V5)",
    "Set(V6= lead)",
    'MSet(MS1=1,MS2="2,3",MS3=4)',
    "Set(_INH=5)",
    'Set(CALLERID(all)="Al Ice" <1234>)',
    'Set(Q1=a"b)',
    "Set(Q2=a\\,b)",
    "Set(Q3=a\\\\b)",
    "ExecIf($[1=1]?Set(EX1=yes):Set(EX1=no))",
    "ExecIf($[1=2]?Set(EX2=yes):Set(EX2=no,comma))",
    'Gosub(sub,s,1(one,"two,2"))',
    "Gosub(sub,s,lbl(x))",
    "Set(i=0)",
    "While($[${i} < 5])",
    "Set(i=$[${i} + 1])",
    "ExecIf($[${i} = 2]?ContinueWhile)",
    "ExecIf($[${i} = 4]?ExitWhile)",
    "Set(W=${W}${i})",
    "EndWhile",
    "Set(GLOBAL(new)=N)",
    "Set(HASH(h,k)=v)",
    "Set(HASH(h2)=v)",
    "GotoIf($[1]?gi)",
    "Set(GI=skipped)",
    "(gi),NoOp",
    "GotoIfTime(*,*,*,*?gt)",
    "Set(GT=skipped)",
    "(gt),NoOp()",
]
"""Steps that texts come after."""

SUBROUTINES = """\
[sub]
exten => s,1,Set(GS=${GS}${ARG1}|${ARG2}|${ARG3}|${ARGC}|${LOCAL(x)}|${GOSUB_RETVAL})
same => n,Set(LOCAL(x)=inner)
same => n,Set(LOC=${x}${LOCAL(ARG1)})
same => n,Return(ret)
same => 10(lbl),Set(GS2=${GOSUB_RETVAL}${ARG1}${EXTEN}${PRIORITY}${CONTEXT}${STACK_PEEK(1,e)}${STACK_PEEK(1,l)})
same => n,Return
"""

TEXTS = {
    "${a}": "hello",
    "${a:1}": "ello",
    "${a:1:2}": "el",
    "${a:-2}": "lo",
    "${a:-2:1}": "l",
    "${a:0:-1}": "hell",
    "${a:2:-1}": "ll",
    "${a:10}": "",
    "${a:-10}": "hello",
    "${a:-10:3}": "hel",
    "${a:1:0}": "",
    "${a:0:100}": "hello",
    "${a:x}": "hello",
    "${a:1:2:3}": "el",
    "${nope}": "",
    "${nope:1}": "",
    "${${b}}": "hello",
    "${${b}:1}": "ello",
    "x${a}y${b}z": "xhelloyaz",
    "$a": "$a",
    "$$a": "$$a",
    "$${a}": "$hello",
    "${}": "",
    "${ a }": "",
    "$[${a} = hello]": "1",
    '$["${a}" = "hello"]': "1",
    "${LEN(${a})}": "5",
    "${LEN(a,b)}": "3",
    '${LEN("a,b")}': "5",
    "${LEN()}": "0",
    "${CUT(c,-,2)}": "",
    "${CUT(c,-,2-)}": "",
    "${CUT(c,-,1&3)}": "a b c",
    "${CUT(c,-,-2)}": "a b c",
    "${CUT(c,,1)}": "a b c",
    "${CUT(c,-,9)}": "",
    "${CUT(c)}": "",
    "${IF($[1]?yes:no)}": "yes",
    "${IF($[0]?yes:no)}": "no",
    "${IF(?yes:no)}": "",
    "${IF(0?yes)}": "",
    "${IF(1?a:b:c)}": "a",
    "${IF(0?a:b:c)}": "b:c",
    "${IF(abc?a:b)}": "a",
    "${IF(00?a:b)}": "b",
    "${IF( 0?a:b)}": "b",
    "${IF(-1?a:b)}": "a",
    '${IF(1?"a:x":b)}': "a:x",
    "${IF(1?a)}": "a",
    "${FILTER(0-9,a1b2c3)}": "123",
    "${FILTER(a-c\\x2d,a1-b2c3)}": "a-bc",
    "${FILTER(0-9A-F,12FGa)}": "12F",
    "${FILTER(,abc)}": "",
    "${FILTER(\\,\\-,a,b-c)}": ",-",
    "${FILTER([1-3],a[123]45)}": "[123]",
    "${REPLACE(a,l,L)}": "heLLo",
    "${REPLACE(a,l)}": "heo",
    "${REPLACE(a,lo,X)}": "heXXX",
    "${STRREPLACE(a,l,LL)}": "heLLLLo",
    "${STRREPLACE(a,l,LL,1)}": "heLLlo",
    "${TOUPPER(${a}z)}": "HELLOZ",
    "${TOLOWER(ABC)}": "abc",
    "${MATH(1+2)}": "3.000000",
    "${MATH(1+2,int)}": "3",
    "${MATH(7/2)}": "3.500000",
    "${MATH(7/2,int)}": "3",
    "${MATH(7/2,float)}": "3.500000",
    "${MATH(7%3)}": "1.000000",
    "${MATH(2**3)}": "",
    "${MATH(2^3)}": "8.000000",
    "${MATH(255 AND 15)}": "15.000000",
    "${MATH(255,hex)}": "",
    "${MATH(10+245,hex)}": "ff",
    "${MATH(60+5,char)}": "A",
    "${MATH(8>>1)}": "4.000000",
    "${MATH(8<<1)}": "16.000000",
    "${MATH(3>2)}": "TRUE",
    "${MATH(3=3)}": "",
    "${MATH(3==3)}": "TRUE",
    "${MATH(3>=4)}": "FALSE",
    "${MATH(-3+1)}": "-2.000000",
    "${MATH(3*-2)}": "-6.000000",
    "${MATH(1/0)}": "0.000000",
    "${MATH(1.5+1)}": "2.500000",
    "${MATH(1.5+1,i)}": "2",
    "${MATH(5)}": "",
    "${MATH(a+1)}": "",
    "${EXISTS(${a})}": "1",
    "${EXISTS()}": "0",
    "${ISNULL(${a})}": "0",
    "${ISNULL()}": "1",
    "${ISNULL(${nope})}": "1",
    "${SET(q=5)}": "5",
    "${q}": "5",
    "${GLOBAL(g)}": "",
    "${g}": "",
    "${EVAL(${d})}": "\\hello",
    "${d}": "\\hello",
    "${URIENCODE(a b/c?d-e_f.g~h+i%)}": "a%20b%2Fc%3Fd-e_f.g~h%2Bi%25",
    "${URIDECODE(a%20b+c%zz)}": "a b+c%zz",
    "${BASE64_ENCODE(hello)}": "aGVsbG8=",
    "${BASE64_DECODE(aGVsbG8=)}": "hello",
    "${MD5(hello)}": "5d41402abc4b2a76b9719d911017c592",
    "${SHA1(hello)}": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
    "${SPRINTF(%05d-%s-%x-%.2f-%%,42,abc,255,3.14159)}": "00042-abc-ff-3.14-%",
    "${SPRINTF(%s,a,b)}": "a",
    "${SPRINTF(%s-%s,a)}": "a-(null)",
    "${SPRINTF(%c,65)}": "A",
    "${SPRINTF(%d,abc)}": "",
    "${SPRINTF(%5s|%-5s|,a,b)}": "    a|b    |",
    "${STRFTIME(0,UTC,%Y-%m-%d %H:%M:%S)}": "1970-01-01 00:00:00",
    "${STRFTIME(86400,America/New_York,%c)}": "Thu Jan  1 19:00:00 1970",
    "${STRFTIME(0,UTC,%3q %A %b)}": "000 Thursday Jan",
    "${STRPTIME(2020-01-02 03:04:05,UTC,%Y-%m-%d %H:%M:%S)}": "1577934245",
    "${STRPTIME(bad,UTC,%Y)}": "",
    "${IFTIME(*,*,*,*?y:n)}": "y",
    "${IFTIME(00:00-23:59,mon-sun,*,*?y:n)}": "y",
    "${HASHKEYS(h)}": "k,b,a",
    "${HASH(h,a)}": "1",
    "${HASH(h)}": "v,2,1",
    "${ARRAY(x,y)}": "",
    "${x} ${y}": "10,20 ",
    "${FIELDQTY(c,-)}": "1",
    "${FIELDQTY(nope,-)}": "0",
    "${FIELDNUM(c,-,e)}": "0",
    '${QUOTE(a"b)}': '"a\\"b"',
    "${QUOTE(a)}": '"a"',
    "${CSV_QUOTE(a,b)}": '"a,b"',
    "${STRFIELD}": "",
    "${SHIFT(c,-)} ${c}": "a b c ",
    "${POP(c2,-)} ${c2}": "c a-b",
    "${PUSH(c2)}": "",
    "${LISTFILTER(l,-,b)}": "a-c",
    '${REGEX("^h" ${a})}': "1",
    '${REGEX("x" ${a})}': "0",
    '${REGEX("x")}': "0",
    "${KEYPADHASH(hello)}": "43556",
    "${RAND(5,5)}": "5",
    "${DIALPLAN_EXISTS(t,x,1)}": "1",
    "${DIALPLAN_EXISTS(t,x)}": "1",
    "${DIALPLAN_EXISTS(t,x,99999)}": "0",
    "${DIALPLAN_EXISTS(t)}": "1",
    "${DIALPLAN_EXISTS(x,1)}": "0",
    "${VALID_EXTEN(t,x,1)}": "1",
    "${EXTEN:0:1}": "x",
    "${CALLERID(num)}|${CALLERID(name)}|${CALLERID(all)}": '1234|Al Ice|"Al Ice" <1234>',
    "${CHANNEL(language)}": "en",
    "${CHANNEL(context)}": "t",
    "${CHANNEL(exten)}": "x",
    "${HINT(x@t)}": "",
    "${NOPE(x)}": "",
    "${LEN}": "",
    "${TRIM( a b )}|${LTRIM( a )}|${RTRIM( a )}": "a b|a | a",
    "${SUBSTR(a,1)}": "",
    "${HANGUPCAUSE}": "0",
    "${DIALSTATUS}": "",
    "${DATETIME}": "",
    "${TIMESTAMP}": "",
    "${PASSTHRU(a,b)}": "a,b",
    "${MATCH(x)}": "",
    "${UNSHIFT(c)}": "",
    "${VARIABLES}": "",
    "${TIMEOUT(digit)}|${TIMEOUT(response)}|${TIMEOUT(absolute)}": "5.000|10.000|0",
    "${MIN(3,1,2)}|${MAX(3,1,2)}|${ABS(-4)}": "1|3|4",
    "${STRLEN(abc)}": "",
    "$[LEN(abc) + 1]": "4",
    "$[TOUPPER(abc)]": "ABC",
    "$[RAND(3,3)]": "3",
    '$[ "${nope}" = "" ]': "1",
    "$[ ${nope} = 1 ]": "",
    "${len(abc)}": "",
    "${CALLERID(num)}": "1234",
    "${ARGC}": "",
    "${V1}|${V2}|${V3}|${V4}|${V5}|${V6}": '"quoted"||a=b|a,b|| lead',
    "${WC}": "",
    "${IFR}": "",
    "${GS}": 'one|"two,2"||2||',
    "${GS2}": "retxs10subxt,x,29",
    "${LOC}": "innerone",
    "${a:-0}": "hello",
    "${a: 1}": "ello",
    "${a:1 :2}": "ello",
    "${LEN(abc):0:1}": "3",
    "${LEN(a}b)}": "1b)}",
    "${FOO(a:b):1}": "",
    "${IFTIME(00:00-23:59?y:n)}": "y",
    "${STRFTIME(,,%Y):0:2}": "20",
    "${STRFTIME(0,UTC)}": "Thu Jan  1 00:00:00 1970",
    "${STRFTIME(0)}": "Thu Jan  1 00:00:00 1970",
    "${Q1}|${Q2}|${Q3}": 'a"b|a\\,b|a\\\\b',
    "${MS1}|${MS2}|${MS3}": "1|2,3|4",
    "${_INH}|${INH}|${__INH}": "|5|",
    "${EX1}": "yes",
    "${EX2}": "no,comma",
    "${W}": "13",
    "${BL}": "",
    "${DIALPLAN_EXISTS(sub,s,lbl)}": "1",
    "${CONNECTEDLINE(num)}|${CONNECTEDLINE(name)}|${CONNECTEDLINE(all)}": '||"" <>',
    "${REDIRECTING(from-num)}|${REDIRECTING(reason)}|${REDIRECTING(count)}|${REDIRECTING(to-num)}": "|unknown|0|",
    "${CALLERID(nope)}": "",
    "${GLOBAL(new)}|${new}": "N|N",
    "${GLOBAL(nope)}": "",
    "${LOCAL(x)}": "",
    "${MATH(7 MOD 3)}": "",
    "${TOLOWER()}": "",
    "${QUOTE(a\\b)}": '"a\\\\b"',
    "${HASH(h,k)}": "v",
    "${HASH(h2,k)} ${HASHKEYS(h2)}": " ",
    "${H1}|${H2}": "|",
    "${ARRAY1}": "",
    '${IF($["a"="a"]?a\\:b:c)}': "a:b",
    '${PASSTHRU("a",b)}': '"a",b',
    '${CUT(c," ",2)}': "",
    '${FILTER(a-z,"ab1")}': "ab",
    "${STACK_PEEK(0,e)}": "",
    "${GI}": "",
    "${GT}": "",
}
"""What texts come to, in this order."""

EXPRESSIONS = {
    "$[1+2]": "3",
    "$[1 + 2]": "3",
    "$[3/2]": "1.5",
    "$[10/4]": "2.5",
    "$[1/3]": "0.333333333333333333",
    "$[7%3]": "1",
    "$[2*3.5]": "7",
    "$[1 | 2]": "1",
    "$[0 | 2]": "2",
    "$[a | b]": "a",
    "$[ | b]": "",
    "$['' | b]": "''",
    '$["" | "b"]': '""',
    '$["a" & "b"]': '"a"',
    '$["a"="a"]': "1",
    "$[a=a]": "1",
    '$["1"=1]': "0",
    '$["01"=1]': "0",
    '$["1.0"="1"]': "0",
    "$[a<b]": "1",
    '$["a"<"B"]': "0",
    "$[10<9]": "0",
    '$["10"<"9"]': "1",
    "$[1 ? 2 :: 3]": "2",
    "$[0 ? 2 :: 3]": "3",
    "$[!1]": "0",
    "$[!0]": "1",
    "$[!a]": "1",
    '$[!""]': "1",
    "$[-3]": "-3",
    "$[--3]": "3",
    "$[5 - -3]": "8",
    '$["abc" : "a.c"]': "3",
    '$["abc" : "(a)"]': "a",
    '$["xabc" : "a.c"]': "0",
    '$["xabc" =~ "a.c"]': "3",
    '$["xabc" =~ "a(.)c"]': "b",
    '$["abc" =~ "x"]': "0",
    '$["abc" =~ "(x)"]': "",
    '$["abc" : "x"]': "0",
    '$["abc" : "(x)"]': "",
    '$["abc" ~~ "def"]': "abcdef",
    "$[a ~~ b]": "ab",
    "$[1+2*3]": "7",
    "$[(1+2)*3]": "9",
    "$[1 + a]": "1",
    "$[a b]": "a",
    "$[a]": "a",
    '$["a"]': '"a"',
    '$[ "a b" ]': '"a b"',
    "$[]": "",
    "$[ ]": "",
    "$[1 +]": "0",
    "$[1 / 0]": "2147483647",
    "$[1 % 0]": "0",
    "$[2 = 2 = 1]": "1",
    "$[1 = 2 | 1]": "1",
    "$[1 > 0 & 0]": "0",
    "$[1000000000000]": "1000000000000",
    "$[99999999999999999999 + 1]": "1e+20",
    "$[0.1+0.2]": "0.3",
    "$[1e3]": "1e3",
    "$[1.5e3+1]": "1",
    "$[.5+1]": "1",
    "$[5.]": "5.",
    "$[5.0]": "5.0",
    "$[007]": "007",
    "$[007+0]": "7",
    '$["007" + 0]': "0",
    "$[ABS(-3)]": "3",
    "$[ROUND(3.5)]": "4",
    "$[CEIL(1.2)]": "2",
    "$[FLOOR(1.9)]": "1",
    "$[SQRT(16)]": "4",
    "$[POW(2,10)]": "1024",
    "$[TRUNC(1.9)]": "1",
    "$[LEN(abc)]": "3",
    "$[SIN(0)]": "0",
    "$[PI(0)]": "0",
    "$[FOO(1)]": "0",
    "$[1&&1]": "1",
    "$[1||0]": "1",
    "$[1==1]": "1",
    "$[1!=2]": "1",
    "$[1<>2]": "0",
    '$["a\\"b"]': '"a\\"',
    '$["a" + 1]': "1",
    "$[a,b]": "a",
    '$[1 ? "a b" :: c]': '"a b"',
    "$[hello-world]": "0",
    "$[a/b]": "0",
    "$[3 - 1 - 1]": "1",
    "$[8/2/2]": "2",
    "$[2-1:1]": "1",
    "$[ 1 :: 2]": "1",
    '$["abc":"a(.*)"]': "bc",
    '$[5 > "abc"]': "1",
    '$["" = ""]': "1",
    "$[  = ]": "",
    "$[x = ]": "0",
    "$[ = x]": "",
    "$[1 ? 0 ? a :: b :: c]": "b",
    '$[foo@bar.com = "foo@bar.com"]': "0",
    '$[!"a"]': "1",
    '$[!"0"]': "1",
    "$[! 5]": "0",
    "$[!0.0]": "1",
    "$[!00]": "1",
    "$[0.0 | x]": "x",
    '$["0" | x]': '"0"',
    "$[00 | x]": "x",
    '$["" | x]': '""',
    "$[x & 0]": "0",
    '$[x & ""]': "x",
    '$[x & "0"]': "x",
    "$[x & 1]": "x",
    "$[1 & x]": "1",
    "$[0 & x]": "0",
    '$["" & x]': '""',
    '$["0" & x]': '"0"',
    "$[0.0 & x]": "0",
    '$["" ? a :: b]': "b",
    '$["0" ? a :: b]': "a",
    "$[0.0 ? a :: b]": "b",
    "$[x ? a :: b]": "a",
    "$[-x]": "0",
    '$[-"3"]': "0",
    '$["3" + 4]': "4",
    "$[3 = 3.0]": "1",
    "$[3 = 03]": "1",
    "$[a = A]": "0",
    '$["a" = a]': "0",
    "$[1 = 1 ? a :: b]": "a",
    "$[1 + 1 ? a :: b]": "a",
    "$[0 | 1 ? a :: b]": "a",
    "$[-2 * 3]": "-6",
    "$[2 * -3]": "-6",
    "$[-2 - 3]": "-5",
    "$[!0 = 0]": "0",
    "$[!1 + 1]": "1",
    "$[! 0 & 0]": "0",
    "$[-1 : 1]": "-1",
    "$[- 1 + 2]": "1",
    "$[2 + 3 : 3]": "3",
    '$["abc" : "a" + 1]': "2",
    '$["abc" : "b" | 5]': "5",
    '$[1 + "abc" : "abc"]': "4",
    '$["abc" : "(abc)" : "a"]': "1",
    '$["abc" =~ "bc" =~ "2"]': "1",
    "$[a ~~ b = ab]": "1",
    "$[a ~~ b + 1]": "1",
    "$[1 + a ~~ 2]": "1",
    "$[3 * 2 ~~ 1]": "63",
    "$[3 ~~ 2 * 2]": "64",
    "$[12 =~ 1 ~~ 2]": "12",
    "$[1 ~~ 2 =~ 12]": "2",
    '$["a" ~~ "b" ~~ c]': "abc",
    "$[1 < 2 < 3]": "1",
    "$[3 > 2 = 1]": "1",
    "$[1 = 3 > 2]": "0",
    "$[1 & 0 | 1]": "1",
    "$[1 | 0 & 0]": "1",
    "$[0 & 0 | 5]": "5",
    "$[5 | 0 ? 1 :: 2]": "1",
    "$[1 ? 2 :: 3 | 4]": "2",
    "$[0 ? 2 :: 0 | 4]": "4",
    "$[1 ? 1 ? a :: b :: c]": "a",
    "$[0 ? 1 ? a :: b :: c]": "c",
    "$[(1 ? 0 :: 1) ? a :: b]": "b",
    "$[1 ? (a) :: b]": "a",
    "$[((1))]": "1",
    "$[(a b)]": "0",
    "$[(a]": "0",
    "$[a)]": "a",
    "$[1 + (2]": "0",
    "$[2 * (3 + 4) * 5]": "70",
    "$[5 % 3 * 2]": "4",
    "$[2 * 5 % 3]": "1",
    "$[-7 % 3]": "-1",
    "$[7 % -3]": "1",
    "$[7.5 % 2]": "1.5",
    "$[-7 / 2]": "-3.5",
    "$[1/7]": "0.142857142857142857",
    "$[2/3]": "0.666666666666666667",
    "$[1e2 = 100]": "0",
    "$[22/7*7]": "22",
    "$[123456789012345678]": "123456789012345678",
    "$[123456789012345678 + 1]": "123456789012345679",
    "$[1234567890123456789 + 1]": "1.23456789012345679e+18",
    "$[999999999999999999 + 1]": "1e+18",
    "$[0.000001 * 1]": "1e-06",
    "$[0.00001 * 1]": "1e-05",
    "$[0.0001 * 1]": "0.0001",
    "$[100000 * 100000]": "10000000000",
    "$[1.10 + 0]": "1.1",
    "$[0 - 0]": "0",
    "$[0 * -1]": "-0",
    "$[-0]": "-0",
    "$[a != b]": "1",
    '$["a" != "a"]': "0",
    "$[1 >= 1]": "1",
    '$["b" >= "a"]': "1",
    '$["Abc" : "[[:alpha:]]+"]': "3",
    '$["abc123" : "[a-z]*([0-9]+)"]': "123",
    '$["abc123def" =~ "([0-9]+)([a-z]+)"]': "123",
    '$["8005551212" : "(...)"]': "800",
    '$[8005551212 : "800(.*)"]': "5551212",
    '$["x" : ""]': "0",
    '$["" : ""]': "0",
    '$["" : "x"]': "0",
    '$["" : "(x)"]': "",
    '$["abc" : "("]': "",
    '$["abc" : "*"]': "",
    '$["ab" : "(a)|(b)"]': "a",
    '$["b" =~ "(a)|(b)"]': "1",
    '$["a b" = "a b"]': "1",
    "$[a b = a b]": "a",
    '$["a=b"]': '"a=b"',
    '$["1+1"]': '"1+1"',
    '$["a" "b"]': '"a"',
    '$["it\'s"]': '"it\'s"',
    "$['a b' = 'a b']": "'a",
    "$[a\\ b]": "a\\",
    '$["a]b"]': 'ab"]',
    "$[a&b]": "a",
    "$[a|b]": "a",
    "$[a||b]": "a",
    "$[a ==b]": "0",
    "$[1=>2]": "0",
    "$[1=<2]": "0",
    "$[1>=2]": "0",
    "$[1=!2]": "0",
    "$[1 ? 2 : 3]": "0",
    "$[1?2::3]": "2",
    "$[1 ?2]": "0",
    "$[1 :: ]": "1",
    "$[true]": "true",
    "$[1 , 2]": "1",
    "$[PI]": "PI",
    "$[REMAINDER(7,3)]": "1",
    "$[FMOD(7,3)]": "0",
    "$[EXP(1)]": "2.71828182845904524",
    "$[EXP2(3)]": "8",
    "$[EXP10(3)]": "1000",
    "$[LOG(10)]": "2.30258509299404568",
    "$[LOG2(8)]": "3",
    "$[LOG10(1000)]": "3",
    "$[COS(0)]": "1",
    "$[TAN(0)]": "0",
    "$[ACOS(1)]": "0",
    "$[RINT(2.5)]": "2",
    "$[ROUND(2.5)]": "3",
    "$[ROUND(-2.5)]": "-3",
    "$[FLOOR(-2.5)]": "-3",
    "$[TRUNC(-2.5)]": "-2",
    "$[CEIL(-2.5)]": "-2",
    "$[abs(-3)]": "0",
    "$[ABS (3)]": "3",
    "$[ABS(1+1)]": "2",
    "$[ABS(-3) + 1]": "4",
    "$[POW(2,0.5)]": "1.41421356237309505",
    "$[SQRT(2)]": "1.41421356237309505",
    "$[SQRT(-1)]": "-nan",
    "$[LOG(0)]": "-inf",
    "$[ABS(1,2)]": "0",
    "$[ABS()]": "0",
    "$[POW(2)]": "0",
    "$[Foo(1)]": "0",
}

CALLS = {
    "Hangup in h and in a handler": (
        "[t]\n"
        "exten => x,1,Set(CHANNEL(hangup_handler_push)=g,s,1)\n"
        "exten => h,1,NoOp(h)\n"
        "same => n,Hangup()\n"
        "same => n,NoOp(never)\n"
        "[g]\n"
        "exten => s,1,NoOp(handler)\n"
        "same => n,Hangup()\n"
        "same => n,NoOp(never)\n",
        [
            "x@t:1 Set(CHANNEL(hangup_handler_push)=g,s,1)",
            "h@t:1 NoOp(h)",
            "h@t:2 Hangup()",
            "s@g:1 NoOp(handler)",
            "s@g:2 Hangup()",
        ],
    ),
    "validity": (
        "[t]\n"
        "exten => x,1,Set(CALLERID(num)=)\n"
        "same => n,NoOp(${CALLERID(num-valid)} ${CALLERID(name-valid)})\n"
        "same => n,Set(CALLERID(all)=Alice)\n"
        "same => n,NoOp(${CALLERID(all)} ${CALLERID(num-valid)} ${CALLERID(name-valid)})\n"
        "same => n,Set(CALLERID(all)=12 34)\n"
        "same => n,NoOp(${CALLERID(all)} ${CALLERID(num-valid)} ${CALLERID(name-valid)})\n"
        "same => n,Set(CALLERID(all)=Al <7>)\n"
        "same => n,NoOp(${CALLERID(all)} ${CALLERID(num-valid)} ${CALLERID(name-valid)})\n"
        "same => n,Set(CALLERID(pres)=prohib)\n"
        "same => n,NoOp(${CALLERID(pres)} ${CALLERID(num-pres)} ${CALLERID(name-pres)})\n"
        "same => n,Set(CALLERID(num-valid)=no)\n"
        "same => n,NoOp(<${CALLERID(num)}> ${CALLERID(num-valid)} ${CALLERID(all)})\n"
        "same => n,NoOp(${CALLERID(name)})\n",
        [
            "x@t:1 Set(CALLERID(num)=)",
            "x@t:2 NoOp(1 0)",
            "x@t:3 Set(CALLERID(all)=Alice)",
            'x@t:4 NoOp("Alice" <> 1 1)',
            "x@t:5 Set(CALLERID(all)=12 34)",
            'x@t:6 NoOp("" <1234> 1 1)',
            "x@t:7 Set(CALLERID(all)=Al <7>)",
            'x@t:8 NoOp("Al" <7> 1 1)',
            "x@t:9 Set(CALLERID(pres)=prohib)",
            "x@t:10 NoOp(prohib prohib prohib)",
            "x@t:11 Set(CALLERID(num-valid)=no)",
            'x@t:12 NoOp(<> 0 "Al" <>)',
            "x@t:13 NoOp(Al)",
        ],
    ),
    "a redirection": (
        "[t]\n"
        "exten => x,1,Set(REDIRECTING(from-num,i)=5)\n"
        "same => n,Set(REDIRECTING(reason,i)=cfb)\n"
        "same => n,Set(REDIRECTING(count,i)=2)\n"
        "same => n,NoOp(${REDIRECTING(from-num)} ${REDIRECTING(reason)} ${REDIRECTING(from-all)})\n"
        "same => n,NoOp(${CALLERID(rdnis)} ${REDIRECTING(from-num-valid)} <${REDIRECTING(to-num)}>)\n"
        "same => n,Set(CONNECTEDLINE(num,i)=9)\n"
        "same => n,Set(CONNECTEDLINE(name)=Nine)\n"
        "same => n,NoOp(${CONNECTEDLINE(all)} ${CONNECTEDLINE(pres)})\n",
        [
            "x@t:1 Set(REDIRECTING(from-num,i)=5)",
            "x@t:2 Set(REDIRECTING(reason,i)=cfb)",
            "x@t:3 Set(REDIRECTING(count,i)=2)",
            'x@t:4 NoOp(5 cfb "" <5>)',
            "x@t:5 NoOp(5 1 <>)",
            "x@t:6 Set(CONNECTEDLINE(num,i)=9)",
            "x@t:7 Set(CONNECTEDLINE(name)=Nine)",
            'x@t:8 NoOp("Nine" <9> allowed_not_screened)',
        ],
    ),
    "hang-up handlers": (
        "[t]\n"
        "exten => x,1,Set(CHANNEL(hangup_handler_push)=g,s,1(one,two))\n"
        "same => n,Set(CHANNEL(hangup_handler_push)=g,s,1(three))\n"
        "same => n,Set(CHANNEL(hangup_handler_push)=g,s,1(never))\n"
        "same => n,Set(CHANNEL(hangup_handler_pop)=)\n"
        "same => n,Hangup()\n"
        "exten => h,1,NoOp(h)\n"
        "[g]\n"
        "exten => s,1,NoOp(${ARG1} ${ARG2})\n"
        "same => n,Gosub(i,1)\n"
        "same => n,Return()\n"
        "exten => i,1,NoOp(inner)\n"
        "same => n,Return()\n",
        [
            "x@t:1 Set(CHANNEL(hangup_handler_push)=g,s,1(one,two))",
            "x@t:2 Set(CHANNEL(hangup_handler_push)=g,s,1(three))",
            "x@t:3 Set(CHANNEL(hangup_handler_push)=g,s,1(never))",
            "x@t:4 Set(CHANNEL(hangup_handler_pop)=)",
            "x@t:5 Hangup()",
            "h@t:1 NoOp(h)",
            "s@g:1 NoOp(three )",
            "s@g:2 Gosub(i,1)",
            "i@g:1 NoOp(inner)",
            "i@g:2 Return()",
            "s@g:3 Return()",
            "s@g:1 NoOp(one two)",
            "s@g:2 Gosub(i,1)",
            "i@g:1 NoOp(inner)",
            "i@g:2 Return()",
            "s@g:3 Return()",
        ],
    ),
    "lists that grow and shrink": (
        "[t]\n"
        "exten => x,1,Set(PUSH(l)=a)\n"
        "same => n,Set(PUSH(l)=b,c)\n"
        "same => n,Set(UNSHIFT(l)=z)\n"
        "same => n,NoOp(${l})\n"
        "same => n,NoOp(${POP(l)} ${l})\n"
        "same => n,NoOp(${SHIFT(l)} ${l})\n"
        "same => n,NoOp(${SHIFT(l)} ${SHIFT(l)} ${SHIFT(l)} <${l}>)\n",
        [
            "x@t:1 Set(PUSH(l)=a)",
            "x@t:2 Set(PUSH(l)=b,c)",
            "x@t:3 Set(UNSHIFT(l)=z)",
            "x@t:4 NoOp(z,a,b,c)",
            "x@t:5 NoOp(c z,a,b)",
            "x@t:6 NoOp(z a,b)",
            "x@t:7 NoOp(a b  <>)",
        ],
    ),
    "counting": (
        "[t]\n"
        "exten => x,1,Set(n=5)\n"
        "same => n,NoOp(${INC(n)} ${INC(n)} ${DEC(n)} ${n} ${INC(m)} ${m})\n"
        "same => n,Set(w=word)\n"
        "same => n,NoOp(${ABS(-2.5)} ${MIN(2,-1,3)} ${MAX(1.5,2)})\n",
        [
            "x@t:1 Set(n=5)",
            "x@t:2 NoOp(6 7 6 6  )",
            "x@t:3 Set(w=word)",
            "x@t:4 NoOp(2.500000 -1 2)",
        ],
    ),
    "what is in the dialplan": (
        "[t]\n"
        "exten => x,1,NoOp(${HINT(y)} ${HINT(y@t)} ${HINT(y@u)} ${VALID_EXTEN(,y)} ${VALID_EXTEN(u,y)})\n"
        "same => n,NoOp(${DIALPLAN_EXISTS(t,k1)} ${DIALPLAN_EXISTS(t,k)} ${DIALPLAN_EXISTS(u,y,1)})\n"
        "exten => y,1,NoOp\n"
        "exten => y,hint,Local/y&Local/z\n"
        "exten => _kX,1,NoOp\n"
        "[u]\n"
        "exten => q,1,NoOp\n",
        [
            "x@t:1 NoOp( Local/y&Local/z  1 0)",
            "x@t:2 NoOp(1 0 0)",
        ],
    ),
    "a table": (
        "[t]\n"
        "exten => x,1,Set(HASH(h,a)=1)\n"
        "same => n,Set(HASH(h,b)=2)\n"
        "same => n,Set(HASH(h,a)=3)\n"
        "same => n,NoOp(${HASH(h,a)} ${HASH(h,nope)} ${HASH(h)} ${HASHKEYS(h)})\n",
        [
            "x@t:1 Set(HASH(h,a)=1)",
            "x@t:2 Set(HASH(h,b)=2)",
            "x@t:3 Set(HASH(h,a)=3)",
            "x@t:4 NoOp(3  3,2 a,b)",
        ],
    ),
    "text functions": (
        "[t]\n"
        "exten => x,1,Set(v=one two)\n"
        "same => n,NoOp(${STRREPLACE(v,o)} ${STRREPLACE(v,o,0,1)} ${REPLACE(v,ot)})\n"
        'same => n,NoOp(${REGEX("t[a-z]o" ${v})} ${FIELDNUM(v, ,two)} ${CUT(v, ,2)})\n'
        "same => n,NoOp(${SPRINTF(%3d|%-4s|%04x|%5.1f,7,ab,255,2.25)})\n",
        [
            "x@t:1 Set(v=one two)",
            "x@t:2 NoOp(ne tw 0ne two ne w)",
            "x@t:3 NoOp(1 2 two)",
            "x@t:4 NoOp(  7|ab  |00ff|  2.2)",
        ],
    ),
    "a priority that is not there": (
        "[t]\n"
        "exten => x,1,Goto(x,50)\n"
        "exten => i,1,NoOp(inv ${INVALID_EXTEN})\n"
        "exten => h,1,NoOp(h ${EXTEN} ${PRIORITY})\n"
        "same => n,NoOp(h2)\n",
        [
            "x@t:1 Goto(x,50)",
            "h@t:1 NoOp(h h 1)",
            "h@t:2 NoOp(h2)",
        ],
    ),
    "an extension that is not there": (
        "[t]\nexten => x,1,Goto(nope,1)\nexten => i,1,NoOp(inv ${INVALID_EXTEN})\nexten => h,1,NoOp(h)\n",
        [
            "x@t:1 Goto(nope,1)",
            "i@t:1 NoOp(inv nope)",
            "h@t:1 NoOp(h)",
        ],
    ),
    "an extension that is not there, and no i": (
        "[t]\nexten => x,1,Goto(nope,1)\nexten => h,1,NoOp(h)\n",
        [
            "x@t:1 Goto(nope,1)",
            "h@t:1 NoOp(h)",
        ],
    ),
    "an extension that is not there, and e": (
        "[t]\n"
        "exten => x,1,Goto(nope,1)\n"
        "exten => e,1,NoOp(e ${EXCEPTION(reason)} ${EXCEPTION(context)} ${EXCEPTION(exten)} ${EXCEPTION(priority)})\n",
        [
            "x@t:1 Goto(nope,1)",
            "e@t:1 NoOp(e INVALID t nope 1)",
        ],
    ),
    "a label that is not there": (
        "[t]\n"
        "exten => x,1,Goto(nolabel)\n"
        "same => n,NoOp(after)\n"
        "exten => e,1,NoOp(e ${EXCEPTION(reason)})\n"
        "exten => h,1,NoOp(h)\n",
        [
            "x@t:1 Goto(nolabel)",
            "h@t:1 NoOp(h)",
        ],
    ),
    "an application that is not there": (
        "[t]\nexten => x,1,Nope(1)\nsame => n,NoOp(after)\nexten => h,1,NoOp(h)\n",
        [
            "h@t:1 NoOp(h)",
        ],
    ),
    "an application that is not there, and e": (
        "[t]\nexten => x,1,Nope(1)\nexten => e,1,NoOp(e)\nexten => h,1,NoOp(h)\n",
        [
            "h@t:1 NoOp(h)",
        ],
    ),
    "a blank behind an application": (
        "[t]\nexten => x,1,NoOp(any letters)\nsame => n,NoOp (1)\nsame => n,NoOp(after)\n",
        [
            "x@t:1 NoOp(any letters)",
        ],
    ),
    "no application": (
        "[t]\nexten => x,1,NoOp\nsame => n,\nsame => n,NoOp(after)\n",
        [
            "x@t:1 NoOp()",
        ],
    ),
    "a subroutine that is not there": (
        "[t]\nexten => x,1,Gosub(sub,s,1)\nsame => n,NoOp(after)\nexten => h,1,NoOp(h)\n",
        [
            "x@t:1 Gosub(sub,s,1)",
            "h@t:1 NoOp(h)",
        ],
    ),
    "Return outside of a subroutine": (
        "[t]\nexten => x,1,Return()\nsame => n,NoOp(after)\nexten => h,1,NoOp(h)\n",
        [
            "x@t:1 Return()",
            "h@t:1 NoOp(h)",
        ],
    ),
    "a hang-up in a subroutine": (
        "[t]\n"
        "exten => x,1,Gosub(sub,s,1(a))\n"
        "exten => h,1,NoOp(h in t ${ARG1})\n"
        "[sub]\n"
        "exten => s,1,Hangup(17)\n"
        "exten => h,1,NoOp(h in sub ${ARG1} ${HANGUPCAUSE})\n",
        [
            "x@t:1 Gosub(sub,s,1(a))",
            "s@sub:1 Hangup(17)",
            "h@sub:1 NoOp(h in sub a 17)",
        ],
    ),
    "a subroutine without Return": (
        "[t]\nexten => x,1,Gosub(sub,s,1)\nsame => n,NoOp(after)\n[sub]\nexten => s,1,NoOp\n",
        [
            "x@t:1 Gosub(sub,s,1)",
            "s@sub:1 NoOp()",
        ],
    ),
    "steps ahead and back": (
        "[t]\n"
        "exten => x,1,Goto(+2)\n"
        "same => n,NoOp(skipped)\n"
        "same => n,Set(c=$[${c}+1])\n"
        "same => n,GotoIf($[${c}<2]?-3)\n"
        "same => n,GotoIf(0?a)\n"
        "same => n,GotoIf(1?:x)\n"
        "same => n,GotoIf(0)\n"
        "same => n,NoOp(end)\n",
        [
            "x@t:1 Goto(+2)",
            "x@t:3 Set(c=)",
            "x@t:4 GotoIf(?-3)",
            "x@t:5 GotoIf(0?a)",
            "x@t:6 GotoIf(1?:x)",
            "x@t:7 GotoIf(0)",
            "x@t:8 NoOp(end)",
        ],
    ),
    "While": (
        "[t]\n"
        "exten => x,1,While(0)\n"
        "same => n,While(1)\n"
        "same => n,EndWhile\n"
        "same => n,EndWhile\n"
        "same => n,NoOp(after)\n"
        "same => n,ExitWhile\n"
        "same => n,NoOp(after2)\n"
        "same => n,EndWhile\n"
        "same => n,NoOp(after3)\n",
        [
            "x@t:1 While(0)",
            "x@t:5 NoOp(after)",
            "x@t:6 ExitWhile()",
            "x@t:9 NoOp(after3)",
        ],
    ),
    "While without EndWhile": (
        "[t]\nexten => x,1,While(0)\nsame => n,NoOp(a)\n",
        [
            "x@t:1 While(0)",
            "x@t:2 NoOp(a)",
        ],
    ),
    "ExecIf": (
        "[t]\n"
        "exten => x,1,ExecIf(1?NoOp(a:b)?c:NoOp(d))\n"
        "same => n,ExecIf(0?NoOp(a:b):NoOp(d,e))\n"
        "same => n,ExecIf(1?NoOp)\n"
        "same => n,ExecIf(1?Nope(x))\n"
        "same => n,ExecIf(1?Goto(z,1))\n"
        "same => n,NoOp(after)\n"
        "exten => z,1,ExecIf(1?Hangup(5):NoOp)\n"
        "same => n,NoOp(not)\n"
        "exten => h,1,NoOp(end)\n",
        [
            "x@t:1 ExecIf(1?NoOp(a:b)?c:NoOp(d))",
            "x@t:2 ExecIf(0?NoOp(a:b):NoOp(d,e))",
            "x@t:3 ExecIf(1?NoOp)",
            "x@t:4 ExecIf(1?Nope(x))",
            "h@t:1 NoOp(end)",
        ],
    ),
    "GosubIf": (
        "[t]\n"
        "exten => x,1,GosubIf(1?sub,s,1(a,b):sub,s,1(c))\n"
        "same => n,GosubIf(0?sub,s,1(a,b):sub,s,1(c))\n"
        "same => n,GosubIf(0?sub,s,1)\n"
        "same => n,Gosub(loc)\n"
        "same => n,Hangup\n"
        "same => n(loc),NoOp(loc)\n"
        "same => n,Return(a,b)\n"
        "[sub]\n"
        "exten => s,1,Return(${ARG1})\n",
        [
            "x@t:1 GosubIf(1?sub,s,1(a,b):sub,s,1(c))",
            "s@sub:1 Return(a)",
            "x@t:2 GosubIf(0?sub,s,1(a,b):sub,s,1(c))",
            "s@sub:1 Return(c)",
            "x@t:3 GosubIf(0?sub,s,1)",
            "x@t:4 Gosub(loc)",
            "x@t:6 NoOp(loc)",
            "x@t:7 Return(a,b)",
            "x@t:5 Hangup()",
        ],
    ),
    "StackPop": (
        "[t]\n"
        "exten => x,1,Gosub(sub,s,1)\n"
        "same => n,NoOp(back ${GOSUB_RETVAL})\n"
        "[sub]\n"
        "exten => s,1,StackPop\n"
        "same => n,Return\n",
        [
            "x@t:1 Gosub(sub,s,1)",
            "s@sub:1 StackPop()",
            "s@sub:2 Return()",
        ],
    ),
    "a cause that is none": (
        "[t]\nexten => x,1,Hangup(abc)\n[sub]\n",
        [
            "x@t:1 Hangup(abc)",
        ],
    ),
    "Log, Verbose and WaitExten": (
        "[t]\n"
        "exten => x,1,Log(NOTICE,hello)\n"
        "same => n,Log(FOO,x)\n"
        "same => n,Verbose(1,hi)\n"
        "same => n,Verbose(hi, there)\n"
        "same => n,NoOp\n"
        "same => n,WaitExten(0.1)\n"
        "same => n,NoOp(go)\n"
        "same => n,WaitExten(0.1)\n"
        "exten => t,1,NoOp(t)\n",
        [
            "x@t:1 Log(NOTICE,hello)",
            "x@t:2 Log(FOO,x)",
            "x@t:3 Verbose(1,hi)",
            "x@t:4 Verbose(hi, there)",
            "x@t:5 NoOp()",
            "x@t:6 WaitExten(0.1)",
            "x@t:7 NoOp(go)",
            "x@t:8 WaitExten(0.1)",
            "t@t:1 NoOp(t)",
        ],
    ),
    "conditions and assignments": (
        "[t]\n"
        "exten => x,1,NoOp(${IF(0.5?a:b)}${IF(0abc?a:b)}${IF(1abc?a:b)}${IF(+0?a:b)}${IF(.5?a:b)})\n"
        "same => n,NoOp(${LISTFILTER(l)})\n"
        "same => n,MSet(a=1,b)\n"
        "same => n,Set(a=1,b=2)\n"
        "same => n,NoOp(${a})\n"
        "same => n,Set(FOO(x)=1)\n"
        "same => n,Set(LEN(x)=1)\n"
        "same => n,Set( sp=1)\n"
        "same => n,NoOp(<${sp}>)\n"
        "same => n,RaiseException(custom)\n"
        "exten => e,1,NoOp(${EXCEPTION(reason)} ${EXCEPTION(priority)} ${EXCEPTION})\n",
        [
            "x@t:1 NoOp(bbaba)",
            "x@t:2 NoOp()",
            "x@t:3 MSet(a=1,b)",
            "x@t:4 Set(a=1,b=2)",
            "x@t:5 NoOp(1,b=2)",
            "x@t:6 Set(FOO(x)=1)",
            "x@t:7 Set(LEN(x)=1)",
            "x@t:8 Set( sp=1)",
            "x@t:9 NoOp(<>)",
            "x@t:10 RaiseException(custom)",
            "e@t:1 NoOp(custom 10 )",
        ],
    ),
    "one extension after the other": (
        "[t]\n"
        "exten => x,1,Goto(y1,1)\n"
        "exten => y1,2,NoOp(exact2)\n"
        "exten => _yX,1,NoOp(pat1)\n"
        "exten => _yX,2,NoOp(pat2)\n"
        "exten => _yX,3,NoOp(pat3)\n"
        "include => u\n"
        "[u]\n"
        "exten => y1,4,NoOp(inc4)\n"
        "exten => y1,1,NoOp(inc1)\n",
        [
            "x@t:1 Goto(y1,1)",
            "y1@t:1 NoOp(pat1)",
            "y1@t:2 NoOp(exact2)",
            "y1@t:3 NoOp(pat3)",
            "y1@t:4 NoOp(inc4)",
        ],
    ),
    "a subroutine that calls itself": (
        "[t]\n"
        "exten => x,1,Gosub(f,s,1(3))\n"
        "same => n,NoOp(${GOSUB_RETVAL} ${ARG1})\n"
        "[f]\n"
        "exten => s,1,NoOp(${ARG1} of ${ARGC})\n"
        "same => n,GotoIf($[${ARG1} = 0]?end)\n"
        "same => n,Gosub(f,s,1($[${ARG1} - 1]))\n"
        "same => n,NoOp(${ARG1})\n"
        "same => n,Return(${GOSUB_RETVAL}${ARG1})\n"
        "same => n(end),Return(0)\n",
        [
            "x@t:1 Gosub(f,s,1(3))",
            "s@f:1 NoOp(3 of 1)",
            "s@f:2 GotoIf(0?end)",
            "s@f:3 Gosub(f,s,1(2))",
            "s@f:1 NoOp(2 of 1)",
            "s@f:2 GotoIf(0?end)",
            "s@f:3 Gosub(f,s,1(1))",
            "s@f:1 NoOp(1 of 1)",
            "s@f:2 GotoIf(0?end)",
            "s@f:3 Gosub(f,s,1(0))",
            "s@f:1 NoOp(0 of 1)",
            "s@f:2 GotoIf(1?end)",
            "s@f:6 Return(0)",
            "s@f:4 NoOp(1)",
            "s@f:5 Return(01)",
            "s@f:4 NoOp(2)",
            "s@f:5 Return(012)",
            "s@f:4 NoOp(3)",
            "s@f:5 Return(0123)",
            "x@t:2 NoOp(0123 )",
        ],
    ),
    "variables of a subroutine": (
        "[t]\n"
        "exten => x,1,Gosub(f,s,1(a,b,c))\n"
        "[f]\n"
        "exten => s,1,Gosub(g,s,1(x))\n"
        "same => n,NoOp(${ARG1}${ARG2}${ARG3}${ARGC})\n"
        "[g]\n"
        "exten => s,1,NoOp(${ARG1}|${ARG2}|${ARG3}|${ARGC})\n"
        "same => n,Set(ARG1=changed)\n"
        "same => n,Set(LOCAL(v)=1)\n"
        "same => n,NoOp(${v})\n"
        "same => n,Return\n",
        [
            "x@t:1 Gosub(f,s,1(a,b,c))",
            "s@f:1 Gosub(g,s,1(x))",
            "s@g:1 NoOp(x|||1)",
            "s@g:2 Set(ARG1=changed)",
            "s@g:3 Set(LOCAL(v)=1)",
            "s@g:4 NoOp(1)",
            "s@g:5 Return()",
            "s@f:2 NoOp(abc3)",
        ],
    ),
    "loops in loops": (
        "[t]\n"
        "exten => x,1,Set(i=0)\n"
        "same => n,While($[${i} < 2])\n"
        "same => n,Set(j=0)\n"
        "same => n,While($[${j} < 2])\n"
        "same => n,Set(j=$[${j} + 1])\n"
        "same => n,NoOp(${i}${j})\n"
        "same => n,EndWhile\n"
        "same => n,Set(i=$[${i} + 1])\n"
        "same => n,EndWhile\n"
        "same => n,NoOp(end)\n",
        [
            "x@t:1 Set(i=0)",
            "x@t:2 While(1)",
            "x@t:3 Set(j=0)",
            "x@t:4 While(1)",
            "x@t:5 Set(j=1)",
            "x@t:6 NoOp(01)",
            "x@t:7 EndWhile()",
            "x@t:4 While(1)",
            "x@t:5 Set(j=2)",
            "x@t:6 NoOp(02)",
            "x@t:7 EndWhile()",
            "x@t:4 While(0)",
            "x@t:8 Set(i=1)",
            "x@t:9 EndWhile()",
            "x@t:2 While(1)",
            "x@t:3 Set(j=0)",
            "x@t:4 While(1)",
            "x@t:5 Set(j=1)",
            "x@t:6 NoOp(11)",
            "x@t:7 EndWhile()",
            "x@t:4 While(1)",
            "x@t:5 Set(j=2)",
            "x@t:6 NoOp(12)",
            "x@t:7 EndWhile()",
            "x@t:4 While(0)",
            "x@t:8 Set(i=2)",
            "x@t:9 EndWhile()",
            "x@t:2 While(0)",
            "x@t:10 NoOp(end)",
        ],
    ),
    "times": (
        "[t]\n"
        "exten => x,1,GotoIfTime(*,*,*,*?yes)\n"
        "same => n,NoOp(no)\n"
        "same => n(yes),GotoIfTime(*,*,*,*?:no)\n"
        "same => n,NoOp(still)\n"
        "same => n(no),ExecIf(${IFTIME(00:00-23:59,mon-sun,1-31,jan-dec?1:0)}?NoOp(now):NoOp(not))\n",
        [
            "x@t:1 GotoIfTime(*,*,*,*?yes)",
            "x@t:3 GotoIfTime(*,*,*,*?:no)",
            "x@t:4 NoOp(still)",
            "x@t:5 ExecIf(1?NoOp(now):NoOp(not))",
        ],
    ),
    "TryExec and Exec": (
        "[t]\n"
        "exten => x,1,TryExec(Nope(1))\n"
        "same => n,NoOp(${TRYSTATUS})\n"
        "same => n,TryExec(NoOp(1))\n"
        "same => n,NoOp(${TRYSTATUS})\n"
        "same => n,TryExec(Return())\n"
        "same => n,NoOp(${TRYSTATUS})\n"
        "same => n,Exec(NoOp(x))\n"
        "same => n,Exec(Hangup(17))\n"
        "exten => h,1,NoOp(${HANGUPCAUSE})\n",
        [
            "x@t:1 TryExec(Nope(1))",
            "x@t:2 NoOp(NOAPP)",
            "x@t:3 TryExec(NoOp(1))",
            "x@t:4 NoOp(SUCCESS)",
            "x@t:5 TryExec(Return())",
            "x@t:6 NoOp(FAILED)",
            "x@t:7 Exec(NoOp(x))",
            "x@t:8 Exec(Hangup(17))",
            "h@t:1 NoOp(17)",
        ],
    ),
    "the end of the steps": (
        "[t]\nexten => x,1,Set(DIALSTATUS=NOANSWER)\nexten => h,1,NoOp(end)\n",
        [
            "x@t:1 Set(DIALSTATUS=NOANSWER)",
            "h@t:1 NoOp(end)",
        ],
    ),
    "Goto in h": (
        "[t]\nexten => x,1,Hangup()\nexten => h,1,Goto(o,1)\nexten => o,1,NoOp(in o)\nsame => n,NoOp(end)\n",
        [
            "x@t:1 Hangup()",
            "h@t:1 Goto(o,1)",
            "o@t:1 NoOp(in o)",
            "o@t:2 NoOp(end)",
        ],
    ),
    "extensions for one caller": (
        "[t]\n"
        "exten => x,1,Set(CALLERID(num)=12)\n"
        "same => n,Goto(y,1)\n"
        "exten => y/12,1,NoOp(for 12)\n"
        "exten => y,1,NoOp(for all)\n"
        "exten => y,2,Set(CALLERID(num)=13)\n"
        "exten => y,3,NoOp(last)\n"
        "exten => y/12,2,NoOp(for 12)\n"
        "exten => y/12,3,NoOp(not 12)\n",
        [
            "x@t:1 Set(CALLERID(num)=12)",
            "x@t:2 Goto(y,1)",
            "y@t:1 NoOp(for 12)",
            "y@t:2 NoOp(for 12)",
            "y@t:3 NoOp(not 12)",
        ],
    ),
}
"""By name: a dialplan, and the steps that a call to x@t takes."""

FILE = r"""[c]
exten => _1XX/5_X,1,NoOp
exten => _1XX/_5X,1,NoOp
exten => _1XX/55,1,NoOp
exten => _1XX,1,NoOp
exten => _1XX/,1,NoOp
exten => _1XX/_.,1,NoOp
exten => _1XX/44-4,1,NoOp
exten => _1XX/44 (4),2,NoOp
exten => _1xx/44 (4),3,NoOp
exten => _1X-X/444,4,NoOp
exten => 155/444,4,NoOp
exten => 155,4,NoOp
exten => 15-5,5,NoOp
exten => a b,1,NoOp
exten => a_b,1,NoOp
exten => "q,r",1,NoOp
exten => _[1,2]X,1,NoOp(x)
exten => 7,n,NoOp(noprev)
exten => 8,1,NoOp
exten => 8,n(lab),NoOp("x,y")
exten => 8,n+5,NoOp
exten => 8,lab,NoOp(dup?)
exten => 8,n(l2)+3,NoOp
exten => 8,n+2(l3),NoOp
exten => 8,s,NoOp(same)
exten => 8,s+1,NoOp(same)
exten => 8,+,NoOp
exten => 8,hint,PJSIP/${a}
exten => 8,1,NoOp(again)
exten => 8,0,NoOp
exten => 8,-1,NoOp
exten => 8,500,NoOp(a)b
exten => 8,501,NoOp(a
exten => 8,502,NoOp a)
exten => 8,503,NoOp a
exten => 8,504, NoOp (a)
exten => 8,505,"NoOp"(a)
exten => 8,506,${FOO}(a)
exten => 8,507,
exten => 8,508
exten => 8
exten =>
exten = 8,509,NoOp(\;x)
exten => 8,510,NoOp("a;b")
exten => 8,511,Noop,a,b
same => n,NoOp(s)
same => n(x),NoOp(s)
same => n(x),NoOp(s)
same => hint,PJSIP/x&PJSIP/y,CustomPresence:z
foo => bar
EXTEN => 9,1,NoOp
Same => n,NoOp
include => d
include => d|9:00-17:00|mon-fri|*|*
include => d,9:00-17:00,mon-fri,*,*
include => d,25:00-17:00,xx-fri,*,*
include => nope
include => c
ignorepat => 9
switch => IAX2/foo
lswitch => Loc/foo@bar
eswitch => Loc/${foo}
autohints = yes
[c]
exten => 8,600,NoOp(second)
[d]
include => c
same => n,NoOp(x)
[+x]
exten => 1,1,NoOp
"""
"""All kinds of lines, good and bad."""
