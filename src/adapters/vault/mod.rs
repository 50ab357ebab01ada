//! Vault: secrets of its KV engine, certificates and authorities of its PKI. What vaultrs says of its API is sent by `http`.

mod failure;
mod http;
mod own;
mod pki;
mod session;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use rustify::endpoint::Endpoint;
use serde_json::Value;
use tokio::sync::{Mutex, OnceCell};
use vaultrs::api::kv1::requests::GetSecretRequest;
use vaultrs::api::kv2::requests::ReadSecretRequest;
use zeroize::Zeroize;

use self::failure::{Denial, Step};
use self::http::{Http, Mount, MountOfPath, Trouble, data_of, whole_of};
use self::own::OwnTls;
use self::pki::{Authority, Kept};
use self::session::Session;
use crate::adapters::renewed::Renewed;
use crate::adapters::secrets::{LocalSecrets, Refusal};
use crate::adapters::sent::Sent;
use crate::model::{PkiRole, Secret, VaultRef};
use crate::ports::connection::{Renew, Tls};
use crate::ports::vault::VaultConnection;
use crate::ports::{Failure, FailureKind};

pub use self::pki::{Issued, Request};

/// A Vault, logged in to when something is first read.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
    /// The common name of certificates for the tool itself; `None` = that of the role.
    common_name: Option<String>,
}

/// What is shared with the task that keeps the token.
struct Inner {
    connection: VaultConnection,
    local: LocalSecrets,
    /// The client, and what it connects with as it is now.
    http: OnceCell<(Http, Renewed<Option<Tls>>)>,
    session: Mutex<Option<Session>>,
    sent: Sent,
    /// Set once a task keeps the token.
    keeper: OnceLock<()>,
    /// Certificates for the tool itself, by role and common name.
    certificates: Mutex<HashMap<(PkiRole, String), Kept>>,
    /// Authorities by their path of the API.
    authorities: Mutex<HashMap<String, Authority>>,
}

impl Vault {
    /// A Vault. What it is logged in to with is read from `local`.
    pub fn new(connection: VaultConnection, local: LocalSecrets) -> Self {
        let inner = Inner {
            connection,
            local,
            http: OnceCell::new(),
            session: Mutex::new(None),
            sent: Sent::default(),
            keeper: OnceLock::new(),
            certificates: Mutex::new(HashMap::new()),
            authorities: Mutex::new(HashMap::new()),
        };
        Self { inner: Arc::new(inner), common_name: None }
    }

    /// What it is sent that nobody may see.
    pub fn sent(&self) -> Sent {
        self.inner.sent.clone()
    }

    /// The same, whose certificates for the tool itself have this common name; by default they have that of their role.
    pub fn named(&self, common_name: Option<String>) -> Self {
        Self { inner: Arc::clone(&self.inner), common_name }
    }

    /// How it is reached.
    pub fn connection(&self) -> &VaultConnection {
        &self.inner.connection
    }

    /// Reads what a reference names: the text of a field, or PEM.
    pub(super) async fn read(&self, reference: &VaultRef) -> Result<Secret, Refusal> {
        let read = match reference {
            VaultRef::Field { path, field } => self.inner.field(path, field).await,
            VaultRef::Issue(role) => {
                let common_name = self.common_name.clone().unwrap_or_else(|| role.role.clone());
                self.inner.own_certificate(role, common_name).await
            }
            VaultRef::Authority { mount, chain } => self.inner.authority(mount, *chain).await,
        };
        read.map_err(Refusal::from)
    }

    /// Issues a certificate for somebody else.
    ///
    /// # Errors
    ///
    /// Why Vault does not, and what to do.
    pub async fn issue(&self, role: &PkiRole, request: &Request) -> Result<Issued, (String, String)> {
        self.inner.issue(role, request).await.map_err(|denial| {
            let Refusal { reason, hint } = denial.into();
            (reason, hint)
        })
    }

    /// The names of the roles of the PKI engine at a mount.
    ///
    /// # Errors
    ///
    /// Vault does not tell them.
    pub async fn roles(&self, mount: &str) -> Result<BTreeSet<String>, Failure> {
        self.inner.roles(mount).await.map_err(|denial| match denial {
            Denial::Asked(failure) => failure,
            Denial::Apart(Refusal { reason, hint }) => Failure {
                kind: FailureKind::Refused,
                tried: Step::Roles(mount).tried(),
                server: self.inner.server(),
                answer: reason,
                hint: Some(hint),
            },
        })
    }
}

impl Inner {
    async fn http(&self) -> Result<&Http, Denial> {
        let making = self.http.get_or_try_init(|| async {
            let VaultConnection { address, namespace, timeout, tls, .. } = &self.connection;
            let own = OwnTls { declared: tls.clone(), local: self.local.clone() };
            let read = own.read().await?;
            let http = Http::new(address, namespace.as_deref(), read.clone(), *timeout, self.sent.clone()).map_err(
                |(problem, hint)| Refusal {
                    reason: format!("Vault {address} cannot be connected to: {problem}"),
                    hint: hint.into(),
                },
            )?;
            let renew = tls.is_some().then(|| Arc::new(own) as Arc<dyn Renew<Option<Tls>>>);
            Ok::<_, Denial>((http, Renewed::new(read, renew, *timeout)))
        });
        let (http, tls) = making.await?;
        http.connect_with(tls.now().await.as_ref());
        Ok(http)
    }

    /// Asks with our token; once more with a new one, where Vault does not know the token any more and one can be had.
    async fn ask<E: Endpoint>(
        self: &Arc<Self>,
        step: Step<'_>,
        endpoint: &E,
    ) -> Result<rustify::endpoint::EndpointResult<E::Response>, Denial> {
        self.ask_again(step, endpoint).await?.map_err(|trouble| self.told(step, &trouble))
    }

    /// The same, and what Vault has against the request apart from why it could not be asked.
    async fn ask_again<E: Endpoint>(
        self: &Arc<Self>,
        step: Step<'_>,
        endpoint: &E,
    ) -> Result<Result<rustify::endpoint::EndpointResult<E::Response>, Trouble>, Denial> {
        let http = self.http().await?;
        let token = self.kept_token().await?;
        let trouble = match http.ask(Some(&token), endpoint).await {
            Ok(answer) => return Ok(Ok(answer)),
            Err(trouble) => trouble,
        };
        let dead = match &trouble {
            Trouble::Refused { code: 403, said, .. } => self.is_dead(&token, said).await,
            _ => false,
        };
        match dead {
            false => Ok(Err(trouble)),
            true => {
                let token = self.token_after(step, &token).await?;
                Ok(http.ask(Some(&token), endpoint).await)
            }
        }
    }

    async fn field(self: &Arc<Self>, path: &str, field: &str) -> Result<Secret, Denial> {
        let step = Step::Mount(path);
        let http = self.http().await?;
        let answer = self.ask(step, &MountOfPath(path.to_owned())).await?;
        let mount = data_of(answer).and_then(|answer| answer.data.ok_or_else(|| Trouble::Strange("no mount".into())));
        let mount: Mount = mount.map_err(|trouble| self.told(step, &trouble))?;
        let name = mount.path.trim_matches('/').to_owned();
        let Some(rest) = path.strip_prefix(&name).and_then(|rest| rest.strip_prefix('/')) else {
            let other = format!("the mount {}, which is another one", http.clean(&name));
            return Err(self.told(step, &Trouble::Strange(other)));
        };
        if !matches!(mount.engine.as_str(), "kv" | "generic") {
            let engine = http.clean(&mount.engine);
            return Err(Denial::Apart(Refusal {
                reason: format!("on {}, {name}/ is the engine `{engine}`, and no KV", self.server()),
                hint: "fields are read of KV engines; of PKI write vault:MOUNT/issue/ROLE, vault:MOUNT/ca or \
                       vault:MOUNT/ca_chain"
                    .into(),
            }));
        }
        let (api, data) = match mount.kv_version() {
            2 => {
                let api = format!("{name}/data/{rest}");
                let step = Step::Read(&api, path);
                let endpoint = ReadSecretRequest { mount: name, path: rest.to_owned(), version: None };
                let answer = data_of(self.ask(step, &endpoint).await?);
                let data = answer.map(|answer| answer.data.map_or(Value::Null, |secret| secret.data));
                (api.clone(), data.map_err(|trouble| self.told(step, &trouble))?)
            }
            _ => {
                let step = Step::Read(path, path);
                let endpoint = GetSecretRequest { mount: name, path: rest.to_owned() };
                let answer = whole_of(self.ask(step, &endpoint).await?);
                (path.to_owned(), answer.map(|answer| answer.data).map_err(|trouble| self.told(step, &trouble))?)
            }
        };
        taken(data, field, |text| http.clean(text)).map_err(|(problem, hint)| {
            Denial::Apart(Refusal { reason: format!("{api} on {}: {problem}", self.server()), hint })
        })
    }
}

/// The field of a secret. The other ones are zeroed; what is told of their names is cleaned.
fn taken(mut data: Value, field: &str, clean: impl Fn(&str) -> String) -> Result<Secret, (String, String)> {
    let found = data.as_object_mut().and_then(|fields| fields.remove(field));
    let found = match found {
        Some(Value::String(text)) => Ok(Secret::new(text)),
        // Another number has lost what it was written as: digits beyond what fits, zeros at its end.
        Some(Value::Number(number)) if !number.is_f64() => Ok(Secret::new(number.to_string())),
        Some(Value::Number(_)) => {
            let why = format!("its field `{field}` is a number that cannot be read as it is written");
            Err((why, "put the secret there as a text".into()))
        }
        Some(other) => {
            forget(other);
            Err((format!("its field `{field}` is no text"), "put the secret there as a text".into()))
        }
        None => {
            let names = data.as_object().map(|fields| fields.keys().take(8).map(|name| format!("`{name}`")));
            let names: Vec<String> = names.into_iter().flatten().collect();
            let hint = match names.is_empty() {
                true => "it has no fields".to_owned(),
                false => format!("its fields: {}", clean(&names.join(", "))),
            };
            Err((format!("it has no field `{field}`"), hint))
        }
    };
    forget(data);
    found
}

/// Zeroes the texts of an answer.
fn forget(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Array(items) => items.into_iter().for_each(forget),
        Value::Object(fields) => fields.into_iter().for_each(|(_, value)| forget(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_is_written_or_not_at_all() {
        let of = |json: &str| {
            let data = serde_json::from_str(json).expect("JSON");
            taken(data, "pin", str::to_owned).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(of(r#"{ "pin": 1234 }"#).as_deref(), Ok("1234"));
        assert_eq!(of(r#"{ "pin": 18446744073709551615 }"#).as_deref(), Ok("18446744073709551615"));
        for other in ["123456789012345678901234", "1.10", "1e3"] {
            let (problem, hint) = of(&format!(r#"{{ "pin": {other} }}"#)).expect_err(other);
            assert!(problem.contains("cannot be read as it is written") && hint.contains("as a text"), "{problem}");
        }
    }
}
