"""Programs that were written for the JSON of Terraform's plans read ours.

    plan_readers.py QUEUEFORM DIRECTORY

Makes DIRECTORY, plans and applies a configuration in it, and gives what `show --json` prints to
terraform-compliance (policies), tf-peek (a report for reviews), tftest (assertions on plans), terrasafe (no deletion
without consent), readtheplan (a classification of risks) and flatplan (lists of resources of plans and states).
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

    def program(name: str, *arguments: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
        command = [bins / name, *map(str, arguments)]
        return subprocess.run(command, input=text, capture_output=True, text=True, cwd=directory)

    rules = directory / "rules.json"
    rules.write_text('{"ignore_deletion_if_recreation": ["*"]}')
    refused = program("terrasafe", "--config", rules, text=plan.read_text())
    assert refused.returncode == 1, refused.stdout + refused.stderr
    # The replaced object comes back, the other one does not.
    assert ' - queueform_data.each["y"]\n' in refused.stdout, refused.stdout
    assert 'queueform_data.each["x"]' not in refused.stdout, refused.stdout
    rules.write_text('{"ignore_deletion": ["queueform_data.each*"]}')
    allowed = program("terrasafe", "--config", rules, text=plan.read_text())
    assert allowed.returncode == 0 and "0 unauthorized deletion" in allowed.stdout, allowed.stdout
    print("terrasafe: one deletion is refused, and allowed by a rule")

    done = program("readtheplan", "analyze", "--format", "json", plan)
    assert done.returncode == 0, done.stdout + done.stderr
    read = json.loads(done.stdout)
    assert read["resource_change_count"] == 4, read
    risks = {change["address"]: change["risk"] for change in read["changes"]}
    assert risks['queueform_data.each["y"]'] == "irreversible", risks
    assert risks['queueform_data.each["x"]'] in ("dangerous", "irreversible"), risks
    assert risks["queueform_data.last"] == "review", risks
    print("readtheplan: risks are classified by actions")

    done = program("flatplan", "-p", plan)
    assert done.returncode == 0, done.stdout + done.stderr
    read = json.loads(done.stdout)
    assert [one["name"] for one in read["providers"]] == ["queueform"], read["providers"]
    assert len(read["resources"]) == 3, read["resources"]
    state = directory / "state.json"
    state.write_text(run("show", "--json"))
    read = json.loads(program("flatplan", "-p", state, "-s").stdout)
    found = {one["address"] for one in read["resources"]}
    assert found == {'queueform_data.each["x"]', 'queueform_data.each["y"]', "queueform_data.last"}, found
    print("flatplan: resources of the plan and of the state are listed")


if __name__ == "__main__":
    main()
