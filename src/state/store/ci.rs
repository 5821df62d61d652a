//! Which job of a CI service this process is part of, as the service's variables say.

/// What a service sets: the variables that together name the job, and how.
struct Service {
    /// Is set there and nowhere else.
    mark: &'static str,
    /// The address of the job: names of variables in braces, with the text between them.
    address: &'static str,
}

const SERVICES: &[Service] = &[
    Service {
        mark: "GITHUB_RUN_ID",
        address: "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    },
    Service { mark: "GITLAB_CI", address: "{CI_JOB_URL}" },
    Service { mark: "BUILDKITE", address: "{BUILDKITE_BUILD_URL}#{BUILDKITE_JOB_ID}" },
    Service { mark: "CIRCLECI", address: "{CIRCLE_BUILD_URL}" },
    Service {
        mark: "TF_BUILD",
        address: "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    },
    Service {
        mark: "BITBUCKET_BUILD_NUMBER",
        address: "{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
    },
    Service { mark: "DRONE", address: "{DRONE_BUILD_LINK}" },
    Service { mark: "SEMAPHORE", address: "{SEMAPHORE_ORGANIZATION_URL}/jobs/{SEMAPHORE_JOB_ID}" },
    Service { mark: "TRAVIS", address: "{TRAVIS_JOB_WEB_URL}" },
    Service { mark: "TEAMCITY_VERSION", address: "{BUILD_URL}" },
    Service { mark: "JENKINS_URL", address: "{BUILD_URL}" },
];

/// Returns the address of the job, if the variables name one.
pub(super) fn job(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let service = SERVICES.iter().find(|service| variable(service.mark).is_some())?;
    let mut pieces = service.address.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}')?;
        text.push_str(&variable(name)?);
        text.push_str(rest);
    }
    // Addresses may carry credentials in front of the host.
    match text.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or(host);
            Some(format!("{scheme}://{host}/{path}"))
        }
        None => Some(text),
    }
}

#[cfg(test)]
mod tests {
    use super::job;

    fn of(variables: &[(&str, &str)]) -> Option<String> {
        job(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn jobs_have_addresses() {
        assert_eq!(of(&[]), None);
        assert_eq!(
            of(&[
                ("GITHUB_RUN_ID", "7"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_REPOSITORY", "o/r")
            ]),
            Some("https://github.com/o/r/actions/runs/7".to_owned())
        );
        assert_eq!(
            of(&[("GITLAB_CI", "true"), ("CI_JOB_URL", "https://user:token@lab.example.com/a/-/jobs/3")]),
            Some("https://lab.example.com/a/-/jobs/3".to_owned())
        );
        assert_eq!(of(&[("BUILDKITE", "true"), ("BUILDKITE_BUILD_URL", "https://b/1")]), None);
        assert_eq!(
            of(&[("JENKINS_URL", "https://j/"), ("BUILD_URL", "https://j/job/a/5/")]),
            Some("https://j/job/a/5/".to_owned())
        );
    }
}
