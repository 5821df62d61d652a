//! Arguments of the backend `s3`, and the client they make.

use std::net::IpAddr;
use std::path::Path as FilePath;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::RetryConfig;
use object_store::aws::AmazonS3Builder;
use object_store::aws::AmazonS3ConfigKey;
use object_store::path::Path;
use url::Url;

use crate::api;
use crate::api::Secret;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;

use super::super::Argument;
use super::super::ArgumentKind;
use super::super::Backend;
use super::super::Settings;
use super::bucket::Bucket;
use super::bucket::Patience;
use super::credentials;
use super::engine::S3Backend;
use super::wire::Wire;

/// What Terraform's flags for services of other vendors mean here.
const NOTHING_TO_SKIP: &str = "Accepted because configurations of Terraform for services of other vendors have it; there is nothing to skip.";

/// The arguments.
pub(in super::super) const ARGUMENTS: &[Argument] = &[
    Argument { required: true, ..Argument::text("bucket", &[], "The bucket. It must exist.") },
    Argument {
        required: true,
        ..Argument::text(
            "key",
            &[],
            "The name of the object of the state of the default workspace, such as `queues/prod.json`. Lock, journal, history and backup are objects beside it whose names begin with this one.",
        )
    },
    Argument::text(
        "region",
        &["AWS_REGION", "AWS_DEFAULT_REGION"],
        "The region of the bucket. Needed without `endpoint`; `us-east-1` with one.",
    ),
    Argument::text(
        "endpoint",
        &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        "The address of the service, such as `https://obs.ru-moscow-1.hc.sbercloud.ru`. AWS in `region` if it is not given.",
    ),
    Argument {
        kind: ArgumentKind::Map,
        ..Argument::text(
            "endpoints",
            &[],
            "`{ s3 = \"https://…\" }`: another way to write `endpoint`, as Terraform has it.",
        )
    },
    Argument::secret(
        "access_key",
        &["AWS_ACCESS_KEY_ID"],
        "The access key. Better set by the variable than written into a file.",
    ),
    Argument::secret(
        "secret_key",
        &["AWS_SECRET_ACCESS_KEY"],
        "The secret key. Better set by the variable than written into a file.",
    ),
    Argument::secret("token", &["AWS_SESSION_TOKEN"], "The token of temporary credentials."),
    Argument::text(
        "profile",
        &["AWS_PROFILE"],
        "The profile of the file of credentials. `default` if only a file is given. Keys that are given themselves come first.",
    ),
    Argument::text(
        "shared_credentials_file",
        &["AWS_SHARED_CREDENTIALS_FILE"],
        "The file of credentials. `.aws/credentials` in the home directory if it is not given.",
    ),
    Argument::text(
        "home",
        &["HOME", "USERPROFILE"],
        "The directory that `.aws/credentials` is looked for in.",
    ),
    Argument::text("role_arn", &["AWS_ROLE_ARN"], "The role to take on with `web_identity_token_file`."),
    Argument::text(
        "web_identity_token_file",
        &["AWS_WEB_IDENTITY_TOKEN_FILE"],
        "A file with a token of a web identity, as pipelines and clusters provide it. With `role_arn`, and only on AWS.",
    ),
    Argument::flag(
        "instance_metadata",
        &[],
        "Whether credentials are asked from the metadata service of the machine if no others are given. `false` if it is not given.",
    ),
    Argument::text(
        "workspace_key_prefix",
        &[],
        "What the names of objects of other workspaces than the default one begin with: `PREFIX/WORKSPACE/KEY`. `env:` if it is not given, as in Terraform.",
    ),
    Argument::flag(
        "use_path_style",
        &[],
        "Whether the bucket stands in the path of requests (`https://host/bucket/key`) and not in the name of the host. `true` for endpoints that are an IP address or `localhost`, otherwise `false`.",
    ),
    Argument::flag("force_path_style", &[], "The earlier name of `use_path_style`."),
    Argument::flag(
        "encrypt",
        &[],
        "Whether the service encrypts the objects, with keys of its own (`AES256`) or with `kms_key_id`.",
    ),
    Argument::text(
        "kms_key_id",
        &[],
        "The key of the service's key management that objects are encrypted with.",
    ),
    Argument::secret(
        "sse_customer_key",
        &["AWS_SSE_CUSTOMER_KEY"],
        "A key of 32 bytes in base64 that the service encrypts objects with and does not keep.",
    ),
    Argument::text(
        "ca_file",
        &["AWS_CA_BUNDLE"],
        "A file with certificates (PEM) that are trusted besides those of the system.",
    ),
    Argument::flag(
        "insecure_http",
        &[],
        "Whether an endpoint of another machine may be `http://`. States would cross the network in clear.",
    ),
    Argument::time(
        "lease",
        "For how long the lock of a run outlives it if it is killed, at most; between 2 s and 1 h. It is renewed twelve times in that time. `2m` if it is not given.",
    ),
    Argument::time("timeout", "For how long one request may go without an answer. `30s` if it is not given."),
    Argument::flag(
        "use_lockfile",
        &[],
        "Whether runs of Terraform are kept out, and keep this tool out, by Terraform's lock file `KEY.tflock`. `true` if it is not given.",
    ),
    Argument {
        kind: ArgumentKind::Number,
        ..Argument::text(
            "history",
            &[],
            "How many journals of earlier runs are kept. `100` if it is not given.",
        )
    },
    Argument::flag("skip_credentials_validation", &[], NOTHING_TO_SKIP),
    Argument::flag("skip_region_validation", &[], NOTHING_TO_SKIP),
    Argument::flag("skip_requesting_account_id", &[], NOTHING_TO_SKIP),
    Argument::flag("skip_metadata_api_check", &[], NOTHING_TO_SKIP),
    Argument::flag("skip_s3_checksum", &[], NOTHING_TO_SKIP),
];

const PREFIX: &str = "env:";
const LEASE: Duration = Duration::from_mins(2);
const LEASES: std::ops::RangeInclusive<Duration> = Duration::from_secs(2)..=Duration::from_hours(1);
const TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_mins(10);
const RETENTION: u64 = 100;

/// How long requests are tried that a run can do without; those it cannot do without are tried for half the lease.
const PERSISTENCE: Duration = Duration::from_secs(15);

/// Where requests go.
#[derive(Debug)]
struct Address {
    /// None for AWS.
    endpoint: Option<Url>,
    is_loopback: bool,
    is_path_style: bool,
}

/// Checks the settings and returns the backend; connects to nothing.
pub(in super::super) fn configure(settings: &Settings) -> Result<Arc<dyn Backend>, Diagnostics> {
    let mut found = Diagnostics::new();
    let bucket: Arc<str> = settings.text("bucket").unwrap_or_default().into();
    if bucket.contains(['/', ' ', ':', '?', '#']) {
        found.push(
            settings
                .wrong("bucket", "`bucket` is the name of a bucket alone")
                .hint("write the path within it into `key`"),
        );
    }
    let key = settings.text("key").unwrap_or_default().to_owned();
    let prefix = settings.text("workspace_key_prefix").unwrap_or(PREFIX).trim_end_matches('/').to_owned();
    for (name, text) in [("key", &key), ("workspace_key_prefix", &prefix)] {
        if let Some(why) = unsound(text) {
            found.push(settings.wrong(name, format!("`{name}` cannot be a name of objects: {why}")));
        }
    }
    let address = match address(settings, &bucket) {
        Ok(address) => Some(address),
        Err(wrong) => {
            found.push(wrong);
            None
        }
    };
    if address.as_ref().is_some_and(|address| address.endpoint.is_none()) && settings.text("region").is_none()
    {
        found.push(
            settings.wrong("region", "the backend `s3` needs `region` or `endpoint`").hint(
                "set `region`, or the variable `AWS_REGION`; services of other vendors need `endpoint`",
            ),
        );
    }
    let lease = settings.duration("lease").unwrap_or(LEASE);
    if !LEASES.contains(&lease) {
        found.push(settings.wrong("lease", "`lease` must be between 2 s and 1 h"));
    }
    let timeout = settings.duration("timeout").unwrap_or(TIMEOUT);
    if !TIMEOUTS.contains(&timeout) {
        found.push(settings.wrong("timeout", "`timeout` must be between 100 ms and 10 min"));
    }
    let authorities = match settings.path("ca_file").map(|file| authorities(&file)).transpose() {
        Ok(pem) => pem,
        Err(why) => {
            found.push(settings.wrong("ca_file", why));
            None
        }
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&*bucket)
        // Services of other vendors do not know the removal of many objects, or want other checksums for it.
        .with_disable_bulk_delete(true)
        .with_region(settings.text("region").unwrap_or("us-east-1"))
        .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() });
    builder = match encryption(settings, builder) {
        Ok(builder) => builder,
        Err(wrong) => {
            found.push(wrong);
            return Err(found);
        }
    };
    builder = match authenticate(settings, builder) {
        Ok(builder) => builder,
        Err(wrong) => {
            found.push(wrong);
            return Err(found);
        }
    };
    let Some(address) = address.filter(|_| !found.has_errors()) else { return Err(found) };
    let client = api::connections(authorities, None, address.is_loopback, timeout)
        .map_err(|why| settings.wrong("ca_file", why))?;
    builder = builder
        .with_http_connector(Wire::new(client))
        .with_allow_http(address.endpoint.as_ref().is_some_and(|url| url.scheme() == "http"))
        .with_virtual_hosted_style_request(!address.is_path_style);
    if let Some(mut endpoint) = address.endpoint {
        if !address.is_path_style {
            let host = format!("{bucket}.{}", endpoint.host_str().unwrap_or_default());
            if let Err(why) = endpoint.set_host(Some(&host)) {
                return Err(settings
                    .wrong("endpoint", format!("`{host}` is not the name of a host: {why}"))
                    .into());
            }
        }
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    let objects = builder.build().map_err(|error| {
        settings
            .wrong("bucket", format!("the backend `s3` cannot be set up: {}", super::wire::deepest(&error)))
    })?;
    let patience = Patience { each: timeout, all: (timeout * 4).min(PERSISTENCE) };
    let retention = settings.number("history").unwrap_or(RETENTION);
    Ok(Arc::new(S3Backend {
        bucket: Arc::new(Bucket::new(&bucket, Box::new(objects), patience)),
        key,
        prefix,
        lease,
        keeps_terraform_out: settings.flag("use_lockfile") || !settings.is_given("use_lockfile"),
        retention: usize::try_from(retention).unwrap_or(usize::MAX),
        place: match settings.text("endpoint") {
            Some(endpoint) => format!("{endpoint}, bucket {bucket}"),
            None => format!("bucket {bucket}"),
        },
    }))
}

/// Returns why a text cannot be a name of objects.
fn unsound(text: &str) -> Option<String> {
    if text.starts_with('/') || text.ends_with('/') {
        return Some("it begins or ends with `/`".to_owned());
    }
    if text.len() > 700 {
        return Some("it is longer than 700 bytes".to_owned());
    }
    match Path::parse(text) {
        Err(error) => Some(super::wire::deepest(&error)),
        // Names that the client would write in another way would not be found by other tools.
        Ok(path) if path.as_ref() != text || Path::from(text).as_ref() != text => {
            Some("it holds characters that names of objects should not have".to_owned())
        }
        Ok(_) => None,
    }
}

fn address(settings: &Settings, bucket: &str) -> Result<Address, Diagnostic> {
    let given = settings
        .map("endpoints")
        .and_then(|endpoints| Some(("endpoints", endpoints.get("s3")?.reveal())))
        .or_else(|| Some(("endpoint", settings.text("endpoint")?)));
    if settings.is_given("endpoints") && !matches!(given, Some(("endpoints", _))) {
        return Err(settings
            .wrong("endpoints", "`endpoints` has no `s3`")
            .hint("write `endpoint = \"https://…\"`"));
    }
    let is_path_style = ["use_path_style", "force_path_style"].iter().find(|name| settings.is_given(name));
    let is_path_style = is_path_style.map(|name| settings.flag(name));
    let Some((name, text)) = given else {
        // Certificates of AWS do not cover buckets with points in their names.
        let is_path_style = is_path_style.unwrap_or(bucket.contains('.'));
        return Ok(Address { endpoint: None, is_loopback: false, is_path_style });
    };
    let wrong = |why: &str| settings.wrong(name, format!("`{name}` {why}"));
    let url = Url::parse(text)
        .or_else(|_| Url::parse(&format!("https://{text}")))
        .map_err(|error| wrong(&format!("is not an address: {error}")))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(wrong("is the address of a service, without users, questions and parts"));
    }
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let is_loopback = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if is_loopback || settings.flag("insecure_http") => {}
        "http" => {
            return Err(wrong("is not encrypted: the state would cross the network in clear")
                .hint("write `https://…`, or set `insecure_http = true` if the network is trusted"));
        }
        _ => return Err(wrong("must begin with `https://`")),
    }
    let is_path_style = is_path_style.unwrap_or(address.is_some() || host == "localhost");
    if !is_path_style && address.is_some() {
        return Err(wrong("is an IP address, which no bucket can stand before")
            .hint("remove `use_path_style = false`"));
    }
    Ok(Address { is_loopback, is_path_style, endpoint: Some(url.clone()) })
}

fn authorities(file: &FilePath) -> Result<Vec<u8>, String> {
    let pem = std::fs::read(file).map_err(|error| format!("`{}` cannot be read: {error}", file.display()))?;
    api::check_authorities(&pem).map_err(|why| format!("`{}` is no use: {why}", file.display()))?;
    Ok(pem)
}

fn encryption(settings: &Settings, builder: AmazonS3Builder) -> Result<AmazonS3Builder, Diagnostic> {
    if let Some(key) = settings.secret("sse_customer_key") {
        if settings.is_given("kms_key_id") || settings.flag("encrypt") {
            return Err(settings.wrong(
                "sse_customer_key",
                "`sse_customer_key` does not go together with `encrypt` or `kms_key_id`",
            ));
        }
        return Ok(builder.with_ssec_encryption(key.reveal()));
    }
    match settings.text("kms_key_id") {
        Some(key) => Ok(builder.with_sse_kms_encryption(key)),
        None if settings.flag("encrypt") => {
            let key = "aws_server_side_encryption".parse::<AmazonS3ConfigKey>();
            let key = key.map_err(|error| settings.wrong("encrypt", error.to_string()))?;
            Ok(builder.with_config(key, "AES256"))
        }
        None => Ok(builder),
    }
}

/// Adds the credentials: keys that are given, a profile, a web identity, or those of the machine.
fn authenticate(settings: &Settings, builder: AmazonS3Builder) -> Result<AmazonS3Builder, Diagnostic> {
    let with = |builder: AmazonS3Builder, access: &Secret, secret: &Secret, token: Option<&Secret>| {
        let builder = builder.with_access_key_id(access.reveal()).with_secret_access_key(secret.reveal());
        match token {
            Some(token) => builder.with_token(token.reveal()),
            None => builder,
        }
    };
    match (settings.secret("access_key"), settings.secret("secret_key")) {
        (Some(access), Some(secret)) => return Ok(with(builder, access, secret, settings.secret("token"))),
        (Some(_), None) => {
            return Err(settings
                .wrong("access_key", "`access_key` is given without `secret_key`")
                .hint("set `secret_key`, or the variable `AWS_SECRET_ACCESS_KEY`"));
        }
        (None, Some(_)) => {
            return Err(settings
                .wrong("secret_key", "`secret_key` is given without `access_key`")
                .hint("set `access_key`, or the variable `AWS_ACCESS_KEY_ID`"));
        }
        (None, None) => {}
    }
    let file = settings
        .path("shared_credentials_file")
        .or_else(|| Some(PathBuf::from(settings.text("home")?).join(".aws").join("credentials")));
    let is_asked = settings.is_given("profile") || settings.is_given("shared_credentials_file");
    if let Some(file) = file.filter(|file| is_asked || file.is_file()) {
        let profile = settings.text("profile").unwrap_or("default");
        match credentials::read(&file, profile) {
            Ok(found) => {
                return Ok(with(builder, &found.access_key, &found.secret_key, found.token.as_ref()));
            }
            Err(why) if is_asked => return Err(settings.wrong("profile", why)),
            // A file that nobody asked for need not have what is needed here.
            Err(why) => tracing::debug!(%why, "the file of credentials is of no use"),
        }
    }
    if let (Some(role), Some(file)) = (settings.text("role_arn"), settings.path("web_identity_token_file")) {
        let mut builder = builder;
        let file = file.display().to_string();
        for (key, value) in [("aws_role_arn", role), ("aws_web_identity_token_file", &file)] {
            let key = key.parse::<AmazonS3ConfigKey>();
            builder = builder
                .with_config(key.map_err(|error| settings.wrong("role_arn", error.to_string()))?, value);
        }
        return Ok(builder);
    }
    if settings.flag("instance_metadata") {
        return Ok(builder);
    }
    Err(settings
        .wrong("access_key", "the backend `s3` has no credentials")
        .hint("set the variables `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `profile`")
        .hint("on a machine that has a role, set `instance_metadata = true`"))
}
