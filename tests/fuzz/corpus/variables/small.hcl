text = "a"
number = 3
list = [{ name = "x" }]
map = { a = true }
secret = "s3"
any = null
