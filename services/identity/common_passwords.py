"""Passwords that everybody tries first, of the length we allow; from common knowledge."""

COMMON_PASSWORDS = frozenset(
    """
    00000000 000000000 0000000000 01234567 0123456789 10203040 11111111 111111111 1111111111
    11223344 1122334455 112233445566 12121212 121212121212 12312312 123123123 123123123123
    12341234 1234554321 12345678 123456789 1234567890 12345678910 123456789a 123456789q
    12345678a 12345679 123454321 1234qwer 1234abcd 123qweasd 123qweasdzxc 13131313 147258369
    159357456 159753159753 1a2b3c4d 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc
    1qazxsw2 21212121 22222222 23232323 31415926 31415926535 33333333 44444444 55555555 66666666
    69696969 77777777 87654321 88888888 98765432 987654321 9876543210 99999999 999999999
    a1b2c3d4 a1b2c3d4e5 aa123456 aaaaaaaa abc12345 abc123456 abc123abc abcd1234 abcd12345
    abcdefgh abcdefghi access14 adminadmin administrator admin123 admin1234 admin12345
    alexander anthony1 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfghjkl1 asdqwe123
    babygirl babygirl1 baseball baseball1 basketball benjamin blink182 bismillah butterfly
    butterfly1 carolina changeme changeme1 changeme123 charlie1 charlotte chocolate chocolate1
    christian christopher computer computer1 cowboys1 danielle default1 democracy democrat
    democrats diamond1 dolphins dragon123 elephant elizabeth election election2024 election2026
    football football1 forever1 freedom1 gabriella gfhjkmgfhjkm goodluck guest123 hello123
    hello1234 hellohello helloworld iloveyou iloveyou1 iloveyou2 iloveyou12 iloveyou123
    internet isabella jennifer jessica1 jonathan jordan23 justin123 kimberly letmein1 letmein123
    letmeinnow liverpool liverpool1 lovelove loveyou1 loverboy manchester marlboro master123
    maverick mercedes metallica michael1 michelle midnight minecraft monkey12 monkey123
    mustang1 mypassword nicholas nintendo nothing1 october1 opensesame overwatch p4ssw0rd
    p@ssw0rd p@ssword p@ssword1 pa$$w0rd pa55word pa55w0rd pakistan pass1234 pass12345
    passpass passw0rd passw0rd1 password password! password0 password01 password1 password1!
    password11 password12 password123 password1234 password12345 password2 password2024
    password2025 password2026 password3 password7 password9 passwordpassword patricia
    phonebank phonebank1 phonebank123 pokemon1 politics president princess princess1
    princess123 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc qazwsxedcrfv qazxswedc qq123456
    qwe123456 qweasd123 qweasdzxc qwer1234 qwer12345 qwert123 qwert1234 qwert12345 qwerty12
    qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty78 qwertyui qwertyuiop qwertyuiop1
    qwertyqwerty rainbow1 republican rockstar1 rosebud1 samantha scarlett secret12 secret123
    secretsecret slipknot snowball soccer12 sometime spiderman spongebob starwars starwars1
    stephanie strawberry summer12 summer123 summer2024 summer2025 summer2026 sunflower
    sunshine sunshine1 superman superman1 superstar swordfish teacher1 tennessee test1234
    test12345 testing1 testing123 testtest thankyou thomas123 thunder1 tinkerbell titanic1
    trustno1 undefined unicorn1 victoria volunteer volunteer1 welcome1 welcome12 welcome123
    welcome1234 whatever whatever1 william1 winter123 xxxxxxxx yellow12 zaq12wsx zaq1zaq1
    zaq1xsw2 zxcvbnm1 zxcvbnm123 zxcvbnm12
    """.split()  # noqa: SIM905 - three hundred quotation marks would hide the words.
)
