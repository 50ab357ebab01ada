use std::fmt;
use std::str::FromStr;

use crate::source::decode_from_str;

/// A place in Vault, behind `vault:`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VaultRef {
    /// `PATH#FIELD`: a field of a secret of the KV engine. The path starts with the engine's mount, as for `vault kv get`.
    Field {
        /// The path.
        path: String,
        /// The name of the field.
        field: String,
    },
    /// `MOUNT/issue/ROLE`: a certificate that the PKI engine issues by this role, with its chain and its key.
    Issue(PkiRole),
    /// `MOUNT/ca`, the authority that issues at this mount, or `MOUNT/ca_chain`, the same with those above it.
    Authority {
        /// The PKI engine's mount.
        mount: String,
        /// Whether those above it are meant too.
        chain: bool,
    },
}

/// A role of a PKI engine, written as the path that certificates are issued at: `pki/issue/busctl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PkiRole {
    /// The PKI engine's mount.
    pub mount: String,
    /// The role's name.
    pub role: String,
}

/// Why a place in Vault is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultRefError {
    /// An empty part, `.`, `..`, a control character or one that an address gives a meaning to.
    #[error("this is no path in Vault: its parts are names with a single / between them")]
    Path,
    /// A path that is none of a role.
    #[error("this is no role by which Vault's PKI issues certificates: those are written MOUNT/issue/ROLE")]
    NoRole,
    /// Nothing behind the `#`.
    #[error("this reference names no field of the secret in Vault behind its #")]
    NoField,
    /// A secret as a whole.
    #[error("this reference names no field of the secret in Vault: it lacks #FIELD, and is no certificate")]
    WholeSecret,
}

impl VaultRefError {
    /// What to write instead.
    pub fn help(self) -> &'static str {
        match self {
            Self::Path => "write vault:MOUNT/PATH#FIELD, with the path as `vault kv get` takes it",
            Self::NoRole => "write MOUNT/issue/ROLE, for example pki/issue/busctl",
            Self::NoField => "write the name of the field behind the #: vault:MOUNT/PATH#FIELD",
            Self::WholeSecret => {
                "write vault:MOUNT/PATH#FIELD for a field of a secret; of Vault's PKI vault:MOUNT/ca or vault:MOUNT/ca_chain for \
                 its authorities, vault:MOUNT/issue/ROLE for a certificate"
            }
        }
    }
}

impl FromStr for VaultRef {
    type Err = VaultRefError;
    fn from_str(text: &str) -> Result<Self, VaultRefError> {
        let (path, field) = match text.split_once('#') {
            Some((_, "")) => return Err(VaultRefError::NoField),
            Some((path, field)) => (path, Some(field)),
            None => (text, None),
        };
        if !path.split('/').all(is_part) {
            return Err(VaultRefError::Path);
        }
        if let Some(field) = field {
            // A mount and at least one part behind it.
            let is_in_mount = path.contains('/') && !field.contains(char::is_control);
            return match is_in_mount {
                true => Ok(Self::Field { path: path.to_owned(), field: field.to_owned() }),
                false => Err(VaultRefError::Path),
            };
        }
        if let Ok(role) = path.parse() {
            return Ok(Self::Issue(role));
        }
        match path.rsplit_once('/') {
            Some((mount, "ca")) => Ok(Self::Authority { mount: mount.to_owned(), chain: false }),
            Some((mount, "ca_chain")) => Ok(Self::Authority { mount: mount.to_owned(), chain: true }),
            _ => Err(VaultRefError::WholeSecret),
        }
    }
}

impl FromStr for PkiRole {
    type Err = VaultRefError;
    fn from_str(path: &str) -> Result<Self, VaultRefError> {
        if !path.split('/').all(is_part) {
            return Err(VaultRefError::Path);
        }
        match path.rsplit_once('/').and_then(|(before, role)| Some((before.strip_suffix("/issue")?, role))) {
            Some((mount, role)) => Ok(Self { mount: mount.to_owned(), role: role.to_owned() }),
            None => Err(VaultRefError::NoRole),
        }
    }
}

/// How a cluster finds the role of a service: `pki/issue/{service}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PkiRoleTemplate(String);

/// Why a template of roles is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkiRoleTemplateError {
    /// Without its placeholder.
    #[error("this does not contain {{service}}: every service would have the same role")]
    NoPlaceholder,
    /// With a service in it, it is no role.
    #[error("this is no path that Vault's PKI issues certificates at")]
    NoRole,
}

impl FromStr for PkiRoleTemplate {
    type Err = PkiRoleTemplateError;
    fn from_str(text: &str) -> Result<Self, PkiRoleTemplateError> {
        if !text.contains(SERVICE) {
            return Err(PkiRoleTemplateError::NoPlaceholder);
        }
        let role = text.replace(SERVICE, "service").parse::<PkiRole>();
        role.map(|_| Self(text.to_owned())).map_err(|_| PkiRoleTemplateError::NoRole)
    }
}
decode_from_str!(PkiRoleTemplate, "write for example \"pki/issue/{service}\"", r"\{service\}");

const SERVICE: &str = "{service}";

impl PkiRoleTemplate {
    /// The role of a service; none where the service's name cannot stand in a path.
    pub fn role(&self, service: &str) -> Option<PkiRole> {
        self.0.replace(SERVICE, service).parse().ok()
    }
}

/// Whether this may stand between two slashes of a path. `?`, `%` and `\` mean something to servers and proxies on the way.
fn is_part(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_control() || matches!(c, '?' | '%' | '\\' | '#'))
}

/// Whether this is a mount, or another path, of Vault.
pub fn is_vault_path(path: &str) -> bool {
    path.split('/').all(is_part)
}

impl fmt::Display for VaultRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { path, field } => write!(f, "{path}#{field}"),
            Self::Issue(role) => role.fmt(f),
            Self::Authority { mount, chain: false } => write!(f, "{mount}/ca"),
            Self::Authority { mount, chain: true } => write!(f, "{mount}/ca_chain"),
        }
    }
}

impl fmt::Display for PkiRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/issue/{}", self.mount, self.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_field_a_certificate_or_an_authority() {
        let field = |path: &str, field: &str| VaultRef::Field { path: path.into(), field: field.into() };
        let issue = |mount: &str, role: &str| VaultRef::Issue(PkiRole { mount: mount.into(), role: role.into() });
        let authority = |mount: &str, chain| VaultRef::Authority { mount: mount.into(), chain };
        for (text, expected) in [
            ("secret/bus/registry#password", field("secret/bus/registry", "password")),
            ("secret/a b#with#hash", field("secret/a b", "with#hash")),
            ("pki/issue/busctl", issue("pki", "busctl")),
            ("teams/bus/pki/issue/busctl", issue("teams/bus/pki", "busctl")),
            ("pki/ca", authority("pki", false)),
            ("bus/pki/ca_chain", authority("bus/pki", true)),
        ] {
            let parsed: VaultRef = text.parse().unwrap();
            assert_eq!(parsed, expected);
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn a_path_that_issues_nothing_is_no_role_and_says_how_one_is_written() {
        for path in ["pki/sign/x", "pki/x", "issue/x"] {
            let told = path.parse::<PkiRole>().expect_err(path).to_string();
            assert!(told.contains("MOUNT/issue/ROLE"), "{path}: {told}");
        }
        assert_eq!("pki//issue/x".parse::<PkiRole>(), Err(VaultRefError::Path));
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for (text, expected) in [
            ("secret/bus", VaultRefError::WholeSecret),
            ("secret", VaultRefError::WholeSecret),
            ("secret/bus#", VaultRefError::NoField),
            ("secret#password", VaultRefError::Path),
            ("/secret/bus#password", VaultRefError::Path),
            ("secret//bus#password", VaultRefError::Path),
            ("secret/../sys/raw#password", VaultRefError::Path),
            ("secret/bus?version=1#password", VaultRefError::Path),
            ("secret/%2e%2e/sys#password", VaultRefError::Path),
            ("issue/busctl", VaultRefError::WholeSecret),
        ] {
            assert_eq!(text.parse::<VaultRef>(), Err(expected), "{text}");
        }
    }
}
