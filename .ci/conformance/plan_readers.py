"""Programs that were written for the JSON of Terraform's plans read ours.

    plan_readers.py QUEUEFORM DIRECTORY

Makes DIRECTORY, plans and applies a configuration in it, and gives what `show --json` prints to
terraform-compliance (policies), tf-peek (a report for reviews) and tftest (assertions on plans).
"""

import json
import pathlib
import subprocess
import sys

import tftest

CONFIGURATION = """
variable "size" {
  type        = number
  default     = 1
  description = "how many"
}

variable "keys" {
  type    = set(string)
  default = ["x", "y"]
}

variable "token" {
  type      = string
  default   = "hunter2"
  sensitive = true
}

resource "queueform_data" "each" {
  for_each         = var.keys
  input            = { key = each.key, size = var.size, token = var.token }
  triggers_replace = each.key == "x" ? var.size : 0
}

resource "queueform_data" "last" {
  input      = [for one in queueform_data.each : one.id]
  depends_on = [queueform_data.each]
}

output "size" {
  value = var.size
}
"""

POLICIES = """
Feature: data is as it must be
  Scenario: all data has an input
    Given I have queueform_data defined
    Then it must contain input

  Scenario: what is planned can be looked at
    Given I have queueform_data defined
    When its name is each
    Then it must contain size
    And its value must be 2

  Scenario: one object can be looked at
    Given I have queueform_data resource configured
    When its address is queueform_data.last
    Then it must contain input

  Scenario: variables are described
    Given I have size variable configured
    Then it must contain description

  Scenario: providers are known
    Given I have queueform provider configured
    Then it must contain full_name
"""

REFUSED = """
Feature: a policy that does not hold
  Scenario: no data may be bigger than one
    Given I have queueform_data defined
    When its name is each
    Then it must contain size
    And its value must be 1
"""


def main() -> None:
    queueform, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True)
    (directory / "main.qf.hcl").write_text(CONFIGURATION)

    def run(*arguments: str) -> str:
        done = subprocess.run([queueform, *arguments], cwd=directory, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    run("apply", "--auto-approve")
    run("plan", "--var=size=2", '--var=keys=["x","z"]', "--out=change.qfplan")
    plan = directory / "plan.json"
    plan.write_text(run("show", "--json", "change.qfplan"))
    assert "hunter2" not in plan.read_text()

    bins = pathlib.Path(sys.executable).parent

    def policies(name: str, text: str) -> subprocess.CompletedProcess[str]:
        features = directory / name
        features.mkdir()
        (features / "data.feature").write_text(text)
        command = [bins / "terraform-compliance", "-p", plan, "-f", features, "--no-ansi"]
        return subprocess.run(command, capture_output=True, text=True)

    held = policies("held", POLICIES)
    assert held.returncode == 0, held.stdout + held.stderr
    assert "5 scenarios (5 passed)" in held.stdout, held.stdout
    refused = policies("refused", REFUSED)
    assert refused.returncode != 0 and "1 failed" in refused.stdout, refused.stdout
    print("terraform-compliance: 5 policies hold, 1 is refused")

    report = subprocess.run([bins / "tf-peek", plan], capture_output=True, text=True)
    assert report.returncode == 0, report.stdout + report.stderr
    rows = {
        line.split("|")[1].split()[-1]: line.split("|")[-2].strip(" *")
        for line in report.stdout.splitlines()
        if line.startswith("| ") and line.count("|") == 6
    }
    found = {name: rows.get(name) for name in ("Delete", "Replace", "Update", "Create")}
    assert found == {"Delete": "1", "Replace": "1", "Update": "1", "Create": "1"}, report.stdout
    assert "forces replacement: <code>triggers_replace</code>" in report.stdout, report.stdout
    assert "for&#95;each key no longer matches" in report.stdout, report.stdout
    print("tf-peek: actions, reasons and paths are understood")

    read = tftest.TerraformPlanOutput(json.loads(plan.read_text()))
    assert read.outputs["size"] == 2, read.outputs
    assert read.variables["size"] == 2, read.variables
    assert set(read.resources) == {
        'queueform_data.each["x"]',
        'queueform_data.each["z"]',
        "queueform_data.last",
    }, read.resources
    assert 'queueform_data.each["y"]' in read.prior_resources
    assert read.resource_changes['queueform_data.each["y"]']["change"]["actions"] == ["delete"]
    print("tftest: values before and after are found")


if __name__ == "__main__":
    main()
