use std::collections::{BTreeMap, BTreeSet};

use super::remembered::{PASSWORD, ROTATION};
use super::{DeclaredPassword, DesiredScramUser, SetPassword, address_of, in_scope};
use crate::diag::Diagnostic;
use crate::model::Risk;
use crate::plan::{Action, Change, FieldChange, FieldValue, Incomplete, Step, Unmanaged, Verification};
use crate::policy::rules::live::LOCKED_OUT;
use crate::ports::kafka::{ScramMechanism, ScramUser};
use crate::ports::{Failure, FailureKind, Observed};
use crate::resources::cluster::SaslMechanism;
use crate::resources::{Desired, Difference, Live, fingerprint};
use crate::source::Span;

type Credentials = BTreeMap<ScramMechanism, u32>;

/// Compares the users that log in with SCRAM with those that brokers know. A password cannot be compared: whether it is to
/// be set again is told by how it was set the last time.
pub fn diff(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut difference = Difference::default();
    let users = &desired.scram_users;
    let hide = |user: &str, wanted: &DesiredScramUser, failure: &Failure| Incomplete {
        address: address_of(user),
        failure: failure.clone(),
        place: Some(desired.workspace.place(wanted.span)),
    };
    let unread = not_read();
    let found = match live.scram_users.as_ref() {
        Some(Observed::Known(found)) => found,
        not_seen => {
            let failure = not_seen.and_then(Observed::hidden).unwrap_or(&unread);
            let ours = users.wanted.iter().filter(|(user, _)| in_scope(desired.cluster, user));
            difference.incomplete.extend(ours.map(|(user, wanted)| hide(user, wanted, failure)));
            return difference;
        }
    };
    let present: BTreeMap<&str, &ScramUser> = found.iter().map(|user| (user.name.as_str(), user)).collect();
    let names: BTreeSet<&str> = present.keys().copied().chain(users.wanted.keys().map(String::as_str)).collect();
    let none = Credentials::new();
    for user in names {
        let is_ours = in_scope(desired.cluster, user);
        let before = present.get(user).map_or(&none, |user| &user.credentials);
        let Some(wanted) = users.wanted.get(user).filter(|_| is_ours) else {
            if !before.is_empty() {
                let reason = if is_ours { "no manifest declares it" } else { "outside the cluster's `manages`" };
                let (kind, name) = ("scram-user".to_owned(), address_of(user).name);
                difference.unmanaged.push(Unmanaged { kind, name, reason: reason.into() });
            }
            continue;
        };
        let memory = match &live.scram_passwords {
            _ if wanted.keeps_password => Memory::NotAsked,
            // Whoever is made anew gets its password whatever is remembered.
            Some(Observed::Hidden(failure)) if !before.is_empty() && wanted.password.is_some() => {
                difference.incomplete.push(hide(user, wanted, failure));
                continue;
            }
            Some(Observed::Hidden(_)) | None => Memory::NotAsked,
            Some(Observed::Known(set)) => set.get(user).map_or(Memory::Nothing, Memory::Set),
        };
        let comparison = Comparison { desired, user, wanted, before, memory };
        if let Some(change) = comparison.change() {
            difference.findings.extend(comparison.locks_out());
            difference.changes.push(change);
        }
    }
    difference
}

/// How often a password is hashed, as plans have it.
pub fn iterations(count: u32) -> FieldValue {
    FieldValue::shown(count.to_string(), format!("{count} iterations"))
}

/// What is remembered of a user.
#[derive(Clone, Copy)]
enum Memory<'m> {
    NotAsked,
    Nothing,
    Set(&'m SetPassword),
}

struct Comparison<'a> {
    desired: &'a Desired<'a>,
    user: &'a str,
    wanted: &'a DesiredScramUser,
    before: &'a Credentials,
    memory: Memory<'a>,
}

impl Comparison<'_> {
    fn change(&self) -> Option<Change> {
        let (before, after) = (self.before, &self.wanted.credentials);
        let action = match (before.is_empty(), after.is_empty()) {
            (true, true) => return None,
            (true, false) => Action::Create,
            (false, true) => Action::Delete,
            (false, false) => Action::Update,
        };
        let mut fields = self.credentials();
        let of_password = self.wanted.password.as_ref().map(|password| self.password(password, action));
        let of_password = of_password.unwrap_or_default();
        let is_set_anew = !of_password.is_empty();
        fields.extend(of_password);
        if fields.is_empty() {
            return None;
        }
        let (risk, impact) = self.cost(action, is_set_anew);
        let set = self.memory.set();
        let remembered = set.into_iter().flat_map(|set| [Some(&set.password), set.rotation.as_ref()]).flatten();
        let parts = before.iter().map(|(mechanism, count)| format!("{mechanism}={count}")).chain(remembered.cloned());
        Some(Change {
            address: address_of(self.user),
            action,
            fields,
            risk,
            impact,
            measured: None,
            access: Vec::new(),
            fingerprint: fingerprint(parts),
            verification: Verification::unverifiable("brokers have no validate-only request for SCRAM users"),
            place: Some(self.desired.workspace.place(self.wanted.span)),
            depends_on: Vec::new(),
            steps: self.steps(is_set_anew),
        })
    }

    fn field(&self, field: &str, before: Option<FieldValue>, after: Option<FieldValue>, span: Span) -> FieldChange {
        FieldChange { field: field.to_owned(), before, after, place: Some(self.desired.workspace.place(span)) }
    }

    /// The mechanisms that differ.
    fn credentials(&self) -> Vec<FieldChange> {
        let (before, after) = (self.before, &self.wanted.credentials);
        let all: BTreeSet<ScramMechanism> = before.keys().chain(after.keys()).copied().collect();
        let differing = all.into_iter().filter(|mechanism| before.get(mechanism) != after.get(mechanism));
        let value = |of: &Credentials, mechanism| of.get(&mechanism).copied().map(iterations);
        differing
            .map(|mechanism| {
                let (before, after) = (value(before, mechanism), value(after, mechanism));
                self.field(mechanism.as_str(), before, after, self.wanted.span)
            })
            .collect()
    }

    /// What differs of how the password is set.
    fn password(&self, declared: &DeclaredPassword, action: Action) -> Vec<FieldChange> {
        let set = match self.memory {
            _ if action == Action::Create => None,
            Memory::NotAsked => return Vec::new(),
            Memory::Nothing => None,
            Memory::Set(set) => Some(set),
        };
        let SetPassword { password, rotation } = declared.as_set();
        let was_rotation = set.and_then(|set| set.rotation.clone());
        let rotation_span = declared.rotation.as_ref().map_or(declared.reference.span, |rotation| rotation.span);
        let values = [
            (PASSWORD, set.map(|set| set.password.clone()), Some(password), declared.reference.span),
            (ROTATION, was_rotation, rotation, rotation_span),
        ];
        let differing = values.into_iter().filter(|(_, before, after, _)| before != after);
        differing
            .map(|(field, before, after, span)| {
                self.field(field, before.map(FieldValue::plain), after.map(FieldValue::plain), span)
            })
            .collect()
    }

    /// What clients may notice.
    fn cost(&self, action: Action, is_set_anew: bool) -> (Risk, Vec<String>) {
        const NEXT: &str = "is refused when it logs in the next time; open connections stay";
        let mut impact = Vec::new();
        match action {
            Action::Create => return (Risk::Safe, impact),
            Action::Delete => {
                impact.push(format!("whoever logs in as {} {NEXT}", self.user));
                return (Risk::Disruptive, impact);
            }
            Action::Update => {}
        }
        let gone = self.before.keys().filter(|mechanism| !self.wanted.credentials.contains_key(mechanism));
        impact.extend(gone.map(|mechanism| format!("whoever logs in with {mechanism} {NEXT}")));
        let kept = self.wanted.password.as_ref().map(|password| password.reference.value.to_string());
        let kept = kept.unwrap_or_default();
        if is_set_anew {
            if matches!(self.memory, Memory::Nothing) {
                impact.push("how its password was set is not remembered: it is set anew".to_owned());
            }
            impact.push(format!("whoever logs in with another password than that of {kept} {NEXT}"));
        }
        let risk = if impact.is_empty() { Risk::Safe } else { Risk::Disruptive };
        if risk == Risk::Safe {
            impact.push(format!("nobody notices it as long as {kept} holds the password that it has"));
        }
        (risk, impact)
    }

    /// What is sent: the password for each mechanism that needs it, and what goes.
    fn steps(&self, is_set_anew: bool) -> Vec<Step> {
        let (before, after) = (self.before, &self.wanted.credentials);
        let user = || self.user.to_owned();
        let mut steps = Vec::new();
        if let Some(password) = &self.wanted.password {
            let differing =
                after.iter().filter(|(mechanism, count)| is_set_anew || before.get(mechanism) != Some(count));
            steps.extend(differing.map(|(mechanism, iterations)| Step::SetScramPassword {
                user: user(),
                mechanism: *mechanism,
                iterations: *iterations,
                password: password.reference.value.clone(),
            }));
        }
        let gone = before.keys().filter(|mechanism| !after.contains_key(mechanism));
        steps.extend(gone.map(|mechanism| Step::RemoveScramPassword { user: user(), mechanism: *mechanism }));
        steps
    }

    /// Whether busctl itself logs in with what is taken away.
    fn locks_out(&self) -> Option<Diagnostic> {
        let cluster = self.desired.cluster;
        let sasl = cluster.connection.as_ref()?.sasl.as_ref()?;
        let username = sasl.username.as_ref().filter(|username| username.value == self.user)?;
        let mechanism = match sasl.mechanism.value {
            SaslMechanism::ScramSha256 => ScramMechanism::Sha256,
            SaslMechanism::ScramSha512 => ScramMechanism::Sha512,
            SaslMechanism::Plain | SaslMechanism::OauthBearer => return None,
        };
        let goes = self.before.contains_key(&mechanism) && !self.wanted.credentials.contains_key(&mechanism);
        goes.then(|| {
            let name = &cluster.cluster.value;
            LOCKED_OUT
                .finding(format!(
                    "the plan would take from busctl itself what it logs in to `{name}` with: {mechanism} of {}",
                    self.user
                ))
                .at(username.span, "this is how busctl is known")
                .at(self.wanted.span, "and this takes it away")
                .help("give busctl another user, or another mechanism, before this one goes")
                .resource(format!("cluster/{name}"))
                .cluster(name)
        })
    }
}

impl<'m> Memory<'m> {
    fn set(self) -> Option<&'m SetPassword> {
        match self {
            Memory::Set(set) => Some(set),
            Memory::NotAsked | Memory::Nothing => None,
        }
    }
}

/// What a snapshot says that has no SCRAM users in it.
fn not_read() -> Failure {
    Failure {
        kind: FailureKind::Unsupported,
        tried: "compare the SCRAM users".into(),
        server: "the saved live state".into(),
        answer: "it has none: an earlier version of busctl wrote it".into(),
        hint: Some("take a new snapshot".into()),
    }
}

#[cfg(test)]
mod tests;
