//! Passwords and private keys.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bcrypt::Version;
use rsa::BoxedUint;
use rsa::RsaPrivateKey;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::rand_core::TryCryptoRng;
use rsa::rand_core::TryRng;
use rsa::traits::PublicKeyParts;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::args::whole;
use super::normal;
use crate::value::Type;
use crate::value::Value;

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("bcrypt", &[Param::new("str", Ty::String)], Returns::Is(Ty::String), bcrypt)
        .variadic(Param::new("cost", Ty::Number))
        .doc(
            "Returns a salted hash of a password, made to be slow; known only when applying. `cost` is 10 unless given.",
            r#"length(bcrypt("secret"))"#,
        ),
    Function::new(
        "rsadecrypt",
        &[Param::new("ciphertext", Ty::String), Param::new("privatekey", Ty::String)],
        Returns::Is(Ty::String),
        rsa_decrypt,
    )
    .doc(
        "Decrypts a Base64 text (RSA, padding of PKCS #1 v1.5) with a private key in PEM.",
        r#"rsadecrypt(file("secret.b64"), file("key.pem"))"#,
    ),
];

/// The cost without one, and in place of one below the least.
const DEFAULT_COST: u32 = 10;
const LEAST_COST: i64 = 4;
const GREATEST_COST: i64 = 31;

/// Each step doubles the time; this one takes about a minute.
const BEARABLE_COST: i64 = 20;

fn bcrypt(call: &Call<'_>) -> Result<Value, FunctionError> {
    let password = text(call, 0)?;
    let cost = match call.args.len() {
        0 | 1 => DEFAULT_COST,
        2 => match whole(call, 1)? {
            ..LEAST_COST => DEFAULT_COST,
            cost if cost > GREATEST_COST => {
                return Err(FunctionError::new(format!(
                    "the cost must be between {LEAST_COST} and {GREATEST_COST}, not {cost}"
                )));
            }
            cost if cost > BEARABLE_COST => {
                return Err(FunctionError::new(format!(
                    "a cost of {cost} takes {}: more than {BEARABLE_COST} is refused",
                    if cost > 26 { "hours or days" } else { "many minutes" }
                )));
            }
            cost => u32::try_from(cost).unwrap_or(DEFAULT_COST),
        },
        _ => return Err(FunctionError::new("bcrypt() takes no more than two arguments")),
    };
    if call.scope.impure_is_unknown() {
        return Ok(Value::unknown(Type::String));
    }
    // The algorithm would leave out what is beyond.
    if password.len() > 72 {
        return Err(FunctionError::new("a password must not be longer than 72 bytes"));
    }
    let hashed = bcrypt::hash_with_result(password.as_bytes(), cost)
        .map_err(|error| FunctionError::new(format!("the password cannot be hashed ({error})")))?;
    Ok(Value::string(hashed.format_for_version(Version::TwoA)))
}

fn rsa_decrypt(call: &Call<'_>) -> Result<Value, FunctionError> {
    let packed: String = text(call, 0)?.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let Ok(encrypted) = STANDARD.decode(packed) else {
        return Err(FunctionError::argument(0, "the ciphertext must be encoded in Base64"));
    };
    let key = private_key(text(call, 1)?)
        .map_err(|why| FunctionError::argument(1, format!("invalid private key: {why}")))?;
    let plain = decrypted(&key, &encrypted)
        .ok_or_else(|| FunctionError::new("the text cannot be decrypted with this key"))?;
    Ok(Value::string(normal(String::from_utf8_lossy(&plain).into_owned())))
}

/// Decrypts and takes the padding of PKCS #1 v1.5 off. The padding scheme of the library would give random bytes for a
/// wrong key, which is a defence of servers; here a wrong key is told.
fn decrypted(key: &RsaPrivateKey, encrypted: &[u8]) -> Option<Vec<u8>> {
    if encrypted.len() != key.size() {
        return None;
    }
    let bits = key.n().bits_precision();
    let number = BoxedUint::from_be_slice(encrypted, bits).ok()?;
    let plain = rsa_decrypt_and_check::<NoRandom>(key, None, &number).ok()?.to_be_bytes();
    let padded = plain.get(plain.len().checked_sub(key.size())?..)?;
    let rest = padded.strip_prefix(&[0, 2])?;
    let end = rest.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
    rest.get(end + 1..).map(<[u8]>::to_vec)
}

/// Stands where a source of random bytes could be given: values that are decrypted here are not watched by others.
enum NoRandom {}

impl TryRng for NoRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        match *self {}
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        match *self {}
    }

    fn try_fill_bytes(&mut self, _bytes: &mut [u8]) -> Result<(), Infallible> {
        match *self {}
    }
}

impl TryCryptoRng for NoRandom {}

/// Reads a private key in one of the forms that OpenSSL and OpenSSH write.
fn private_key(pem: &str) -> Result<RsaPrivateKey, &'static str> {
    let (label, body) = block(pem).ok_or("there is no key in it")?;
    if body.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED"))
        || label == "ENCRYPTED PRIVATE KEY"
    {
        return Err("it is protected by a passphrase");
    }
    let text: String = body
        .lines()
        .filter(|line| !line.contains(':'))
        .flat_map(str::chars)
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    let bytes = STANDARD.decode(text).map_err(|_| "it is damaged")?;
    match label {
        "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_der(&bytes).map_err(|_| "it is damaged or too small"),
        "PRIVATE KEY" => {
            RsaPrivateKey::from_pkcs8_der(&bytes).map_err(|_| "it is damaged, too small or not of RSA")
        }
        "OPENSSH PRIVATE KEY" => openssh_key(&bytes),
        _ => Err("it is not a private key of RSA"),
    }
}

/// Returns label and body of the first block of PEM.
fn block(pem: &str) -> Option<(&str, &str)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    Some((label, body))
}

/// Reads the form of `ssh-keygen`: lengths in front of everything.
fn openssh_key(bytes: &[u8]) -> Result<RsaPrivateKey, &'static str> {
    const DAMAGED: &str = "it is damaged";
    let mut outer = Fields(bytes.strip_prefix(b"openssh-key-v1\0").ok_or(DAMAGED)?);
    let (cipher, derivation, _options) =
        (outer.bytes().ok_or(DAMAGED)?, outer.bytes().ok_or(DAMAGED)?, outer.bytes().ok_or(DAMAGED)?);
    if cipher != b"none" || derivation != b"none" {
        return Err("it is protected by a passphrase");
    }
    if outer.number() != Some(1) {
        return Err("it holds more than one key");
    }
    let _public = outer.bytes().ok_or(DAMAGED)?;
    let mut inner = Fields(outer.bytes().ok_or(DAMAGED)?);
    if inner.number().ok_or(DAMAGED)? != inner.number().ok_or(DAMAGED)? {
        return Err(DAMAGED);
    }
    if inner.bytes().ok_or(DAMAGED)? != b"ssh-rsa" {
        return Err("it is not a key of RSA");
    }
    let mut integer = || inner.bytes().map(BoxedUint::from_be_slice_vartime).ok_or(DAMAGED);
    let (modulus, public, private) = (integer()?, integer()?, integer()?);
    let _coefficient = integer()?;
    let primes = vec![integer()?, integer()?];
    RsaPrivateKey::from_components(modulus, public, private, primes).map_err(|_| "it is damaged or too small")
}

/// Fields with their lengths in front.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_their_passwords() {
        let hashed = bcrypt::hash_with_salt(b"U*U", 5, [0x10; 16]).unwrap().format_for_version(Version::TwoA);
        assert!(hashed.starts_with("$2a$05$") && hashed.len() == 60, "{hashed}");
        assert!(bcrypt::verify(b"U*U", &hashed).unwrap());
        assert!(!bcrypt::verify(b"U*V", &hashed).unwrap());
    }

    #[test]
    fn keys_of_openssh_are_read() {
        let key = private_key(include_str!("../../../tests/fixtures/keys/openssh.pem")).unwrap();
        let encrypted =
            STANDARD.decode(include_str!("../../../tests/fixtures/keys/encrypted.b64").trim()).unwrap();
        assert_eq!(decrypted(&key, &encrypted).unwrap(), b"swordfish");
    }

    #[test]
    fn unusable_keys_are_told_apart() {
        let why = |pem: &str| private_key(pem).unwrap_err();
        assert_eq!(why("nope"), "there is no key in it");
        let locked = include_str!("../../../tests/fixtures/keys/openssh_locked.pem");
        assert_eq!(why(locked), "it is protected by a passphrase");
        let open = include_str!("../../../tests/fixtures/keys/openssh.pem");
        assert_eq!(why(&open.replace("b3BlbnNzaC1rZXktdjE", "b3BlbnNzaC1rZXktdjI")), "it is damaged");
        assert_eq!(
            why("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----"),
            "it is not a private key of RSA"
        );
        let cut: String =
            open.lines().take(5).chain(["-----END OPENSSH PRIVATE KEY-----"]).collect::<Vec<_>>().join("\n");
        assert_eq!(why(&cut), "it is damaged");
    }
}
