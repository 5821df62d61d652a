//! The words of `provider.hcl`.

use super::BlockType;
use super::Form;
use super::many;
use super::may;
use super::must;
use super::once;
use super::resource::CHECK;
use super::resource::ERROR;

pub(super) static PROVIDER: BlockType = BlockType {
    name: "provider",
    label: Some("the provider's name"),
    doc: "One remote system. Stands alone in `PROVIDER/provider.hcl`.",
    keywords: &[
        must("version", Form::Count, "Version of the schema; counts up with changes that state can see."),
        must("description", Form::Text, "What the system is."),
        may(
            "pin",
            Form::Names,
            "Arguments that say where a configuration works. They are recorded in the state and compared before the first read.",
        ),
        may(
            "redact",
            Form::Texts,
            "JSON keys, query parameters and headers whose values are never written anywhere.",
        ),
    ],
    blocks: &[
        many(&ARGUMENT),
        many(&CLOUD),
        many(&SERVICE),
        many(&AUTH),
        many(&CREDENTIALS),
        once(&ENVELOPE),
        many(&ERROR),
        many(&PAGING),
        once(&LIMITS),
        once(&TLS),
        many(&CHECK),
        many(&OBJECT_CHECK),
    ],
};

static OBJECT_CHECK: BlockType = BlockType {
    name: "object_check",
    label: Some("the rule's name"),
    doc: "A rule over one attribute of every object of the provider that has it: no plan may create, change, delete or import an object for which it does not hold.",
    keywords: &[
        must("attribute", Form::Text, "The attribute, by name."),
        may("of", Form::Texts, "The resource types; all that have the attribute if left out."),
        must("that", Form::Expr(&["value", "provider"]), "What must hold of its `value`."),
        must("message", Form::Expr(&["value", "provider"]), "What is wrong if it does not."),
        may("hint", Form::Text, "What to do now."),
    ],
    blocks: &[],
};

static ARGUMENT: BlockType = BlockType {
    name: "argument",
    label: Some("the argument's name"),
    doc: "An argument of the provider block in configurations; `provider.NAME` in expressions.",
    keywords: &[
        must("type", Form::Type, "The type."),
        may(
            "mode",
            Form::Word(&["required", "optional"]),
            "Whether it must be set, in the block or by its environment. Optional if left out.",
        ),
        may(
            "env",
            Form::Texts,
            "Environment variables that set it; the first present one wins, the block wins over all.",
        ),
        may("default", Form::Constant, "Used if nothing sets it."),
        may(
            "lookup",
            Form::Word(&["iam_project"]),
            "Where it is asked for if nothing sets it. `iam_project`: the id of the IAM project named by the argument `project_name`, or else by `region`.",
        ),
        may("sensitive", Form::Flag, "The value is never shown."),
        may("one_of", Form::Texts, "The allowed values."),
        must("description", Form::Text, "What it is."),
    ],
    blocks: &[],
};

static CLOUD: BlockType = BlockType {
    name: "cloud",
    label: Some("a value of the argument `cloud`"),
    doc: "A preset for where the system is reached.",
    keywords: &[
        must("description", Form::Text, "Whose cloud it is."),
        may("regions", Form::Texts, "The regions known to exist; another one is only a warning."),
        must(
            "presets",
            Form::Fields(&["provider"]),
            "Arguments that follow from the choice unless they are set. `endpoint` must be one of them.",
        ),
    ],
    blocks: &[],
};

static SERVICE: BlockType = BlockType {
    name: "service",
    label: Some("the service's name, which its types say in `service`"),
    doc: "One of several APIs of the system, or the only one if more is to be said about it than its `endpoint`.",
    keywords: &[
        must("description", Form::Text, "What it is."),
        must(
            "endpoint",
            Form::Expr(&["provider"]),
            "Its address. `provider.region` is that of the call, where a call has a `region` of its own.",
        ),
        may("api_version", Form::Text, "The version of the API, which signatures of Alibaba Cloud cover."),
        may(
            "style",
            Form::Word(&["roa", "rpc"]),
            "How operations are told apart: `roa` by method and path (if left out), `rpc` by their name alone, the path is `/`.",
        ),
        may(
            "query",
            Form::Fields(&["provider"]),
            "Query parameters of every call, with `provider.region` as in `endpoint`. A call's own win, and null there leaves one out.",
        ),
        may(
            "headers",
            Form::Fields(&["provider"]),
            "Headers of every call, with `provider.region` as in `endpoint`; null leaves one out. Signatures of Alibaba Cloud cover those that begin with `x-acs-`.",
        ),
        may(
            "write_method",
            Form::Expr(&["provider"]),
            "The method that calls declared as POST are sent with where they change something: `GET` for an API that takes parameters alone. They stay calls that change something and are not repeated by themselves.",
        ),
    ],
    blocks: &[],
};

static TLS: BlockType = BlockType {
    name: "tls",
    label: None,
    doc: "The arguments that say whose certificates are believed, beside the authorities that the machine knows.",
    keywords: &[
        may(
            "ca_file",
            Form::Name,
            "The argument that names a file with more certificate authorities, in PEM. What it names is read when the provider is set up.",
        ),
        may("insecure", Form::Name, "The argument that switches the check of certificates off."),
        may(
            "plain_http",
            Form::Name,
            "The argument that allows endpoints of other machines without encryption. Without it, only this machine may be called in clear.",
        ),
    ],
    blocks: &[],
};

static AUTH: BlockType = BlockType {
    name: "auth",
    label: Some("the method's name"),
    doc: "A way to authenticate. The first one whose condition holds and whose needed arguments are all there is used.",
    keywords: &[
        must(
            "signer",
            Form::Word(&[
                "sdk_hmac_sha256",
                "iam_token",
                "acs3_hmac_sha256",
                "acs_hmac_sha1",
                "sorted_values_hmac_sha1",
                "bearer",
                "basic",
            ]),
            "How requests are signed.",
        ),
        may("when", Form::Expr(&["provider"]), "The method can be used at all."),
        must("needs", Form::Names, "The arguments it cannot do without."),
        may("uses", Form::Names, "Arguments it uses if they are set."),
        must("description", Form::Text, "What the method is."),
    ],
    blocks: &[],
};

static CREDENTIALS: BlockType = BlockType {
    name: "credentials",
    label: Some("the name shown as the source of the credentials"),
    doc: "A place besides the provider block where a complete set of credentials may be found. Two complete sets with different values are an error. Has `env` or `command`.",
    keywords: &[
        must("auth", Form::Name, "The `auth` block it serves."),
        may("env", Form::Fields(&[]), "The environment variable of each argument."),
        may(
            "command",
            Form::Name,
            "The argument that holds a command which prints the arguments as a JSON object.",
        ),
    ],
    blocks: &[],
};

static ENVELOPE: BlockType = BlockType {
    name: "envelope",
    label: None,
    doc: "Where every answer carries the same things. Keys are compared without case and looked for in nested objects too, outer ones first.",
    keywords: &[
        must("code", Form::Texts, "Keys of the vendor's error code, most telling first."),
        must("message", Form::Texts, "Keys of the message, most telling first."),
        must("request_id_headers", Form::Texts, "Headers that carry the request id."),
        may(
            "request_id",
            Form::Texts,
            "Keys of the request id, most telling first; `request_id` and `requestId` if left out.",
        ),
        may(
            "success",
            Form::Texts,
            "Keys at the top that hold `true` or `false`, also as texts. The first that is there decides, whatever status and code say: an answer with status 200 may be an error.",
        ),
        may(
            "success_codes",
            Form::Texts,
            "Codes of good answers: they are never taken for error codes, and any other code makes an answer with status 200 an error if no key of `success` is there.",
        ),
        may(
            "embedded",
            Form::Texts,
            "Keys at the top whose value may be a text that holds JSON; it is parsed.",
        ),
        may(
            "keys",
            Form::Word(&["exact", "lower"]),
            "`lower`: keys of answers are made lower case before expressions see them, for APIs that change their spelling. `exact` if left out.",
        ),
    ],
    blocks: &[],
};

static PAGING: BlockType = BlockType {
    name: "paging",
    label: Some("the name used in `pages`"),
    doc: "A way in which lists come in pages.",
    keywords: &[
        must(
            "style",
            Form::Word(&["offset", "page", "token"]),
            "How the next page is asked for: `offset` counts the items to skip, from 0; `page` counts pages, from 1; `token` gives back what the last answer held.",
        ),
        must("start", Form::Text, "The query parameter that says where a page starts."),
        must("limit", Form::Text, "The query parameter that says how long it is."),
        must("size", Form::Count, "The length asked for."),
        may(
            "next",
            Form::Expr(&["response"]),
            "For `token`: what the parameter `start` holds for the next page; absent, null or empty after the last one.",
        ),
        may("first", Form::Count, "For `offset`: what the first item is counted as; 0 if left out."),
    ],
    blocks: &[],
};

static LIMITS: BlockType = BlockType {
    name: "limits",
    label: None,
    doc: "How much may be asked of the API; the number of requests in flight adapts between the two.",
    keywords: &[
        must("parallel", Form::Count, "Requests in flight to begin with."),
        must("parallel_most", Form::Count, "Requests in flight at most."),
        must("timeout", Form::Duration, "Longest time for one request."),
        may(
            "retry_after_ms",
            Form::Texts,
            "Headers that say in milliseconds how long to wait before the next try, beside `Retry-After`.",
        ),
    ],
    blocks: &[],
};
