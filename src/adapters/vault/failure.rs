//! What went wrong with Vault, in words: what was tried, where, what came back, what to do now.

use super::Inner;
use super::http::{Gone, Trouble};
use crate::adapters::secrets::Refusal;
use crate::model::PkiRole;
use crate::ports::vault::VaultAuth;
use crate::ports::{Failure, FailureKind};

/// What was being done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'s> {
    /// The login.
    Login(&'s VaultAuth),
    /// The renewal of the token.
    Renew,
    /// Asking which engine is mounted at this path.
    Mount(&'s str),
    /// Reading a secret of KV at this path of the API, written by people as the second one.
    Read(&'s str, &'s str),
    /// Issuing a certificate.
    Issue(&'s PkiRole),
    /// Reading the authorities of a mount.
    Authority(&'s str),
    /// Listing the roles of the PKI engine at this mount.
    Roles(&'s str),
}

impl Step<'_> {
    pub fn tried(self) -> String {
        match self {
            Self::Login(VaultAuth::Token(reference)) => format!("look at the token of {reference}"),
            Self::Login(VaultAuth::AppRole { mount, .. }) => format!("log in at auth/{mount} (AppRole)"),
            Self::Login(VaultAuth::Kubernetes { mount, role, .. }) => {
                format!("log in at auth/{mount} (Kubernetes) as {role}")
            }
            Self::Login(VaultAuth::Jwt { mount, role, .. }) => match role {
                Some(role) => format!("log in at auth/{mount} (JWT) as {role}"),
                None => format!("log in at auth/{mount} (JWT)"),
            },
            Self::Renew => "renew the token".into(),
            Self::Mount(path) => format!("find the engine of {path}"),
            Self::Read(path, _) => format!("read {path}"),
            Self::Issue(role) => format!("issue a certificate at {role}"),
            Self::Authority(path) => format!("read {path}"),
            Self::Roles(mount) => format!("list the roles of {mount}"),
        }
    }

    /// What a token that is good needs.
    fn needs(self) -> String {
        let policy = |path: &str, capability: &str| {
            format!("a policy of the token must have: path \"{path}\" {{ capabilities = [\"{capability}\"] }}")
        };
        match self {
            Self::Login(VaultAuth::Token(_)) | Self::Renew => {
                "have a new token (`vault login`), and give it where busctl runs".into()
            }
            Self::Login(VaultAuth::AppRole { .. }) => {
                "check `mount` (`vault auth list`), and the role's id and its secret: a secret ends, is good for a number of \
                 logins, and may be bound to addresses"
                    .into()
            }
            Self::Login(_) => "check `mount` (`vault auth list`), that the role is there, and that it takes this token's issuer, \
                 audience and subject"
                .into(),
            Self::Mount(path) => format!(
                "check that something is mounted there (`vault secrets list`), and that a policy of the token lets it read \
                 {path}"
            ),
            Self::Read(api, path) => match without_data(path).filter(|_| api.contains("/data/data/")) {
                Some(shorter) => format!(
                    "leave out data/, which is no part of the path of a secret: vault:{shorter}; where the secret is below data/ all \
                     the same, {}",
                    policy(api, "read")
                ),
                None => policy(api, "read"),
            },
            Self::Issue(role) => policy(&role.to_string(), "update"),
            Self::Roles(mount) => policy(&format!("{mount}/roles"), "list"),
            // Vault tells them to everybody.
            Self::Authority(_) => "check that a PKI engine is mounted there: `vault secrets list`".into(),
        }
    }

    /// Whether Vault says that a mount has no authority.
    fn has_no_authority(self, said: &str) -> bool {
        let said = said.to_lowercase();
        let words = ["issuer", "no ca ", "ca certificate", "certificate entry", "unsupported path", "unable to find"];
        matches!(self, Self::Authority(_)) && words.iter().any(|words| said.contains(words))
    }

    /// What to do where there is nothing.
    fn missing(self) -> (String, String) {
        match self {
            Self::Read(_, path) => {
                let hint = match without_data(path) {
                    Some(shorter) => format!("leave out data/, which is no part of the path of a secret: {shorter}"),
                    None => format!("see what is there: `vault kv get {path}`"),
                };
                ("there is no secret at this path".into(), hint)
            }
            Self::Issue(role) => (
                "there is no such role, or no PKI engine".into(),
                format!("make it: `vault write {}/roles/{} …`", role.mount, role.role),
            ),
            Self::Roles(_) => ("there is no PKI engine".into(), "see what is mounted: `vault secrets list`".into()),
            Self::Authority(_) => {
                ("there is no authority, or no PKI engine".into(), "see what is mounted: `vault secrets list`".into())
            }
            Self::Login(_) => (
                "no such method is mounted".into(),
                "see what there is: `vault auth list`; `mount` says which one".into(),
            ),
            Self::Renew | Self::Mount(_) => ("there is nothing".into(), "check `address` and `namespace`".into()),
        }
    }
}

/// The path of a secret of which somebody wrote the path of the API, where it has a `data/`.
fn without_data(path: &str) -> Option<String> {
    path.split_once("/data/").map(|(mount, rest)| format!("{mount}/{rest}"))
}

/// Why something of Vault is not had.
#[derive(Debug)]
pub(super) enum Denial {
    /// Vault was asked for it.
    Asked(Failure),
    /// It could not be asked, or what it has is not what was asked for.
    Apart(Refusal),
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Asked(failure) => Self { reason: failure.to_string(), hint: failure.hint.unwrap_or_default() },
            Denial::Apart(refusal) => refusal,
        }
    }
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        Self::Apart(refusal)
    }
}

impl Inner {
    /// Vault, for messages.
    pub(super) fn server(&self) -> String {
        format!("Vault {}", self.connection.address)
    }

    /// Why Vault gives nothing.
    pub(super) fn told(&self, step: Step<'_>, trouble: &Trouble) -> Denial {
        let (answer, hint) = match trouble {
            Trouble::Refused { code, said, gone } => self.refused(step, *code, said, gone.as_ref()),
            Trouble::Unreachable(why) => {
                (why.clone(), "check Vault's address, that it runs, and the network between".into())
            }
            Trouble::Tls(_, why, hint) => (why.clone(), hint.clone()),
            Trouble::Timeout(_) => (trouble.to_string(), "check the network, or give a longer --timeout".into()),
            Trouble::NoToken => {
                let hint = match &self.connection.auth {
                    VaultAuth::Token(reference) => {
                        format!("check what {reference} holds: the token in one line, and nothing else")
                    }
                    _ => "check that `address` of `vault` is that of a Vault: this token is from there".into(),
                };
                (trouble.to_string(), hint)
            }
            Trouble::Strange(why) => {
                (why.clone(), "check that `address` of `vault` is that of a Vault, and of its active node".into())
            }
        };
        self.denial(kind_of(step, trouble), step, answer, hint)
    }

    pub(super) fn denial(&self, kind: FailureKind, step: Step<'_>, answer: String, hint: String) -> Denial {
        Denial::Asked(Failure { kind, tried: step.tried(), server: self.server(), answer, hint: Some(hint) })
    }

    fn refused(&self, step: Step<'_>, code: u16, said: &str, gone: Option<&Gone>) -> (String, String) {
        match gone.filter(|_| code == 404) {
            Some(Gone::Deleted(when)) => {
                let hint = "have it undeleted (`vault kv undelete`), or put a new version there";
                return (format!("the newest version of this secret was deleted ({when})"), hint.into());
            }
            Some(Gone::Destroyed) => {
                let hint = "put a new version there: nobody has one back that was destroyed";
                return ("the newest version of this secret was destroyed for good".into(), hint.into());
            }
            None => {}
        }
        let with = |what: &str| if said.is_empty() { what.to_owned() } else { format!("{what} ({said})") };
        match code {
            503 => {
                let hint = "have it unsealed (`vault operator unseal`), then run it again; nothing here opens it";
                match said.contains("sealed") {
                    true => ("Vault is sealed".into(), hint.into()),
                    false => (with("Vault is not ready"), "see `vault status`, then run it again".into()),
                }
            }
            403 if matches!(step, Step::Login(VaultAuth::Token(_)) | Step::Renew) => {
                (with("the token has ended or was revoked"), step.needs())
            }
            400 | 403 if matches!(step, Step::Login(_)) => (with("the login was refused"), step.needs()),
            403 => (with("permission denied"), step.needs()),
            404 => {
                let (what, hint) = step.missing();
                (with(&what), hint)
            }
            400 | 500 if said.contains("unknown role") || step.has_no_authority(said) => {
                let (what, hint) = step.missing();
                (with(&what), hint)
            }
            400 if let Step::Issue(role) = step => (with("Vault refuses such a certificate"), refused_by(role, said)),
            code => (with(&format!("status {code}")), "see Vault's log".into()),
        }
    }

    /// A token that was good for one more request, which was to ask how long it lives.
    pub(super) fn spent(&self, step: Step<'_>) -> Denial {
        let answer = "the token was good for one request, and asking how long it lives was that".to_owned();
        let hint = "give one without a limit of uses, or with a higher one: beside that question, finding an engine, reading a \
                    secret and issuing a certificate are a request each"
            .to_owned();
        self.denial(FailureKind::Authentication, step, answer, hint)
    }

    /// A token that Vault does not know any more.
    pub(super) fn dead(&self, step: Step<'_>) -> Denial {
        let answer = "the token has ended or was revoked".to_owned();
        self.denial(FailureKind::Authentication, step, answer, Step::Renew.needs())
    }
}

/// What to do about a certificate that a role does not issue.
fn refused_by(role: &PkiRole, said: &str) -> String {
    let said = said.to_lowercase();
    let is_about = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if is_about(&["notafter", "expiration of the ca"]) {
        "the authority ends before such a certificate would: ask for less (`--ttl` of `identity issue`, `ttl` of the role), or have the \
         authority renewed"
            .to_owned()
    } else if is_about(&[
        "common name",
        "common_name",
        "alternate name",
        "alt_names",
        "not allowed by this role",
        "hostname",
    ]) {
        "the role decides what names a certificate may have: `allowed_domains`, `allow_bare_domains`, `allow_any_name`, \
         `enforce_hostnames`"
            .to_owned()
    } else {
        format!("see what the role allows: `vault read {}/roles/{}`", role.mount, role.role)
    }
}

fn kind_of(step: Step<'_>, trouble: &Trouble) -> FailureKind {
    match trouble {
        Trouble::Refused { code: 400 | 403, .. } if matches!(step, Step::Login(_) | Step::Renew) => {
            FailureKind::Authentication
        }
        Trouble::Refused { code: 403, .. } => FailureKind::Authorization,
        Trouble::Refused { code: 404, .. } => FailureKind::NotFound,
        Trouble::Refused { code: 500.., .. } => FailureKind::Server,
        Trouble::Refused { .. } => FailureKind::Refused,
        Trouble::Unreachable(_) => FailureKind::Unreachable,
        Trouble::Tls(kind, ..) => *kind,
        Trouble::NoToken => FailureKind::Authentication,
        Trouble::Strange(_) => FailureKind::Protocol,
        Trouble::Timeout(_) => FailureKind::Timeout,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_refuses_is_told_with_what_is_to_be_done_about_it() {
        let role = PkiRole { mount: "pki".into(), role: "busctl".into() };
        let end = "cannot satisfy request, as TTL would result in notAfter of 2036-01-01T00:00:00Z that is beyond the expiration of \
                   the CA certificate at 2030-01-01T00:00:00Z";
        assert!(refused_by(&role, end).contains("--ttl"));
        assert!(refused_by(&role, "common name a.b not allowed by this role").contains("allowed_domains"));
        assert!(refused_by(&role, "the common_name field is required").contains("allowed_domains"));
        assert_eq!(refused_by(&role, "unknown key usage"), "see what the role allows: `vault read pki/roles/busctl`");
    }

    #[test]
    fn a_mount_without_an_authority_is_told_apart_from_one_with_trouble() {
        let step = Step::Authority("pki/cert/ca");
        assert!(step.has_no_authority("no default issuer currently configured"));
        assert!(!step.has_no_authority("internal error: context deadline exceeded"));
        assert!(!Step::Roles("pki").has_no_authority("no default issuer currently configured"));
    }
}
