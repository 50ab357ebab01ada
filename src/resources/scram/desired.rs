use std::collections::BTreeMap;

use super::{ScramSpec, Written, can_log_in};
use crate::model::{Principal, Rotation, SecretRef};
use crate::ports::kafka::ScramMechanism;
use crate::resources::Workspace;
use crate::resources::acl::{GrantSpec, principals_of};
use crate::resources::cluster::ClusterSpec;
use crate::source::{Span, Spanned};

/// The users of one cluster that log in with SCRAM, as manifests have them.
#[derive(Debug, Clone, Default)]
pub struct DesiredScramUsers {
    /// Who is declared, or declared to be gone.
    pub wanted: BTreeMap<String, DesiredScramUser>,
}

/// A user that is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredScramUser {
    /// The mechanisms that it logs in with, each with how often its password is hashed; none where it is to be gone.
    pub credentials: BTreeMap<ScramMechanism, u32>,
    /// Its password; none where it is to be gone.
    pub password: Option<DeclaredPassword>,
    /// Whether the password that it has stays, however that was set.
    pub keeps_password: bool,
    /// The service that it belongs to.
    pub service: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A password by what is declared of it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredPassword {
    /// Where it is kept.
    pub reference: Spanned<SecretRef>,
    /// The word of its rotation.
    pub rotation: Option<Spanned<Rotation>>,
}

impl DesiredScramUsers {
    /// What the services and the manifest of a cluster ask for. What Kafka would not take, and what is said twice or not
    /// wholly, is left out; a rule says so.
    pub fn compile(workspace: &Workspace, cluster: &ClusterSpec) -> Self {
        let mut users = Self::default();
        // A local bus has logins of its own, by PLAIN, whose passwords it makes itself.
        if cluster.is_local() {
            return users;
        }
        for (service, spec, scram) in services(workspace, cluster) {
            let Ok(user) = scram.user_of(cluster, service, spec) else { continue };
            let written = scram.on(cluster);
            let is_gone = spec.is_leaving() || written.is_absent();
            if !is_gone && !can_log_in(&user) {
                continue;
            }
            if let Some(wanted) = DesiredScramUser::of(&written, is_gone, Some(service), scram.span) {
                users.wanted.entry(user).or_insert(wanted);
            }
        }
        for spec in cluster.scram_users.iter().filter(|spec| !spec.user.is_empty()) {
            let written = spec.written();
            let means_nobody = !can_log_in(&spec.user) || spec.user.starts_with(Principal::USER);
            if !written.is_absent() && means_nobody {
                continue;
            }
            if let Some(wanted) = DesiredScramUser::of(&written, written.is_absent(), None, spec.span) {
                users.wanted.entry(spec.user.value.clone()).or_insert(wanted);
            }
        }
        users
    }

    /// Whether nobody is declared.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

impl DesiredScramUser {
    fn of(written: &Written<'_>, is_gone: bool, service: Option<&str>, span: Span) -> Option<Self> {
        let service = service.map(str::to_owned);
        if is_gone {
            return Some(Self { credentials: BTreeMap::new(), password: None, keeps_password: false, service, span });
        }
        let password = DeclaredPassword { reference: written.password?.clone(), rotation: written.rotation.cloned() };
        let credentials = written.credentials();
        let password = Some(password);
        (!credentials.is_empty()).then_some(Self { credentials, password, keeps_password: false, service, span })
    }

    /// Whether it says the same, wherever that stands.
    pub fn means(&self, other: &Self) -> bool {
        let set = |of: &Self| of.password.as_ref().map(DeclaredPassword::as_set);
        self.credentials == other.credentials && set(self) == set(other)
    }
}

impl ScramSpec {
    /// The user of a service on a cluster; or why that is not known.
    pub fn user_of(&self, cluster: &ClusterSpec, service: &str, spec: &GrantSpec) -> Result<String, String> {
        let principals = principals_of(cluster, service, &spec.principals);
        let users: Vec<&str> = principals.iter().filter_map(Principal::user).filter(|user| !user.is_empty()).collect();
        let all = || users.iter().map(|user| format!("`{user}`")).collect::<Vec<_>>().join(", ");
        let cluster = &cluster.cluster.value;
        match (&self.user, users.as_slice()) {
            (Some(user), users) if users.contains(&user.as_str()) => Ok(user.value.clone()),
            (Some(user), _) => {
                Err(format!("`{}` is none of the users of `{service}` on `{cluster}`: {}", user.value, all()))
            }
            (None, [user]) => Ok((*user).to_owned()),
            (None, []) => Err(format!("no principal of `{service}` on `{cluster}` is a user to Kafka")),
            (None, _) => Err(format!("`{service}` has several users on `{cluster}`: {}", all())),
        }
    }
}

/// The services that declare a SCRAM user on a cluster.
pub(super) fn services<'w>(
    workspace: &'w Workspace,
    cluster: &'w ClusterSpec,
) -> impl Iterator<Item = (&'w str, &'w GrantSpec, &'w Spanned<ScramSpec>)> {
    let selected = workspace.grants.iter().filter(|(_, spec)| workspace.selects(&spec.clusters, cluster));
    selected.filter_map(|(service, spec)| Some((service.as_str(), spec, spec.scram.as_ref()?)))
}

/// Whether a user is in what the cluster declares as ours.
pub fn in_scope(cluster: &ClusterSpec, user: &str) -> bool {
    cluster.manages_principal(&format!("User:{user}"))
}
