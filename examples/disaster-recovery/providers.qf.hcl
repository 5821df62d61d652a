provider "apsaramq" {
  region = "cn-hangzhou" # keys come from the environment
}
