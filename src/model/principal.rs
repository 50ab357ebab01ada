use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::source::decode_from_str;

/// Who a client is to the broker: `User:CN=normalizer`. Its type is `User` with every authorizer that ships with Kafka.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Principal(Arc<str>);

/// Why a principal is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// No type in front.
    #[error("`{0}` is not a principal: it needs its type in front")]
    NoType(String),
    /// A template without its placeholder.
    #[error("`{0}` does not contain {{service}}: every service would be the same principal")]
    NoPlaceholder(String),
}

impl FromStr for Principal {
    type Err = PrincipalError;
    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        match text.split_once(':') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(Self(text.into())),
            _ => Err(PrincipalError::NoType(text.into())),
        }
    }
}
decode_from_str!(Principal, "write it as the broker shows it: \"User:CN=normalizer\"", r"^[^:]+:[\s\S]+$");

impl Principal {
    /// What the principals of users begin with.
    pub const USER: &str = "User:";

    /// The user's name, by which it has quotas and logs in with SCRAM. Principals of another type come of authorizers that
    /// Kafka does not bring.
    pub fn user(&self) -> Option<&str> {
        self.0.strip_prefix(Self::USER)
    }

    /// What every principal is called in an ACL. Asked for as a principal, it is everybody whom no ACL names.
    pub fn everybody() -> Self {
        Self("User:*".into())
    }

    /// Whether it is `User:*`.
    pub fn is_everybody(&self) -> bool {
        self.as_str() == "User:*"
    }

    /// The principal as the broker shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name behind the type.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, name)| name)
    }

    /// The common name that a certificate of this principal has: that of a subject (RFC 2253), else the name itself.
    pub fn common_name(&self) -> String {
        let mut is_escaped = false;
        let mut parts = self.name().split(|c: char| {
            let is_end = matches!(c, ',' | '+') && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        });
        let common_name = parts.find_map(|part| part.trim_start().strip_prefix("CN="));
        common_name.map_or_else(|| self.name().to_owned(), unescaped)
    }
}

/// A value of RFC 2253 without what keeps it apart: a backslash is before a character, or before a byte as two digits.
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes().iter();
    while let Some(byte) = rest.next() {
        let digits = rest.as_slice().first_chunk().and_then(|digits: &[u8; 2]| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            _ if *byte != b'\\' => bytes.push(*byte),
            Some(escaped) => {
                bytes.push(escaped);
                rest.nth(1);
            }
            None => bytes.extend(rest.next()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How a cluster makes principals from services: `User:CN={service}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalTemplate(String);

impl FromStr for PrincipalTemplate {
    type Err = PrincipalError;
    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        if !text.contains("{service}") {
            return Err(PrincipalError::NoPlaceholder(text.into()));
        }
        text.parse::<Principal>().map(|_| Self(text.into()))
    }
}
decode_from_str!(PrincipalTemplate, "write for example \"User:CN={service}\"", r"\{service\}");

impl PrincipalTemplate {
    /// The principal of a service.
    pub fn principal(&self, service: &str) -> Principal {
        Principal(self.0.replace("{service}", service).into())
    }
}

impl Default for PrincipalTemplate {
    /// What mTLS with the certificate's common name, and SASL with the service's name, are mapped to most often.
    fn default() -> Self {
        Self("User:{service}".into())
    }
}

impl fmt::Display for PrincipalTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_name_is_found_in_a_subject() {
        let name = |principal: &str| principal.parse::<Principal>().expect("a principal").common_name();
        assert_eq!(name("User:normalizer"), "normalizer");
        assert_eq!(name("User:CN=normalizer"), "normalizer");
        assert_eq!(name("User:OU=media, CN=normalizer,O=x"), "normalizer");
        assert_eq!(name("User:CN=a\\,b,O=x"), "a,b");
        assert_eq!(name("User:CN=svc+UID=7,O=b"), "svc");
        assert_eq!(name("User:UID=7+CN=a\\+b"), "a+b");
        assert_eq!(name(r"User:CN=a\\,O=b"), r"a\");
        assert_eq!(name(r"User:CN=a\\\,b\C3\A9\ ,O=b"), r"a\,bé ");
        assert_eq!(name(r"User:BUS\svc"), r"BUS\svc");
    }
}
