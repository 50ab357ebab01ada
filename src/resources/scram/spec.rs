use std::collections::BTreeMap;

use crate::model::{Rotation, SecretRef};
use crate::ports::kafka::ScramMechanism;
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::State;
use crate::source::{Spanned, manifest};

/// How often a password is hashed, at least and at most, where a controller takes it.
pub const LEAST_ITERATIONS: u32 = 4096;
/// See [`LEAST_ITERATIONS`].
pub const MOST_ITERATIONS: u32 = 16_384;
/// How often a password is hashed where no manifest says it: as Kafka's own programs do.
pub const BUILT_IN_ITERATIONS: u32 = 4096;

manifest! {
    "`scram`"
    /// How a service logs in with SCRAM. Its password stands in no manifest.
    pub struct ScramSpec {
        /// Where its password is kept: env:NAME, file:PATH or vault:PATH#FIELD.
        password: Option<Spanned<SecretRef>>,
        /// Any word. Where it becomes another one, the password is set anew from where it is kept.
        rotation: Option<Spanned<Rotation>>,
        /// The mechanisms that it can log in with; [scram-sha-512] by default.
        mechanisms: Option<Vec<Spanned<ScramMechanism>>>,
        /// How often the password is hashed, 4096 (default) to 16384.
        iterations: Option<Spanned<u32>>,
        /// The name that it logs in with, where the service has several principals: one of them, without `User:`.
        user: Option<Spanned<String>>,
        /// `absent` takes the user away; an entry that is gone leaves it.
        state: Option<Spanned<State>>,
        /// What is otherwise in an environment or on a cluster.
        overrides: BTreeMap<Spanned<Box<str>>, ScramOverrideSpec>,
    }
}

manifest! {
    "an override of `scram`"
    /// What of it is otherwise in an environment or on a cluster.
    pub struct ScramOverrideSpec {
        /// Where its password is kept.
        password: Option<Spanned<SecretRef>>,
        /// Any word. Where it becomes another one, the password is set anew from where it is kept.
        rotation: Option<Spanned<Rotation>>,
        /// The mechanisms that it can log in with.
        mechanisms: Option<Vec<Spanned<ScramMechanism>>>,
        /// How often the password is hashed.
        iterations: Option<Spanned<u32>>,
        /// `absent` takes the user away there.
        state: Option<Spanned<State>>,
    }
}

manifest! {
    "a SCRAM user of a cluster"
    /// A user that logs in with SCRAM and is no service: a role, a person, a tool.
    pub struct ClusterScramUserSpec {
        /// The name that it logs in with: that of its principal without `User:`.
        user: Spanned<String>,
        /// Where its password is kept: env:NAME, file:PATH or vault:PATH#FIELD.
        password: Option<Spanned<SecretRef>>,
        /// Any word. Where it becomes another one, the password is set anew from where it is kept.
        rotation: Option<Spanned<Rotation>>,
        /// The mechanisms that it can log in with; [scram-sha-512] by default.
        mechanisms: Option<Vec<Spanned<ScramMechanism>>>,
        /// How often the password is hashed, 4096 (default) to 16384.
        iterations: Option<Spanned<u32>>,
        /// `absent` takes the user away; an entry that is gone leaves it.
        state: Option<Spanned<State>>,
    }
}

/// What is written of a user for one cluster.
#[derive(Debug, Clone, Default)]
pub struct Written<'s> {
    /// Where its password is kept.
    pub password: Option<&'s Spanned<SecretRef>>,
    /// The word of the rotation.
    pub rotation: Option<&'s Spanned<Rotation>>,
    /// The mechanisms.
    pub mechanisms: Option<&'s [Spanned<ScramMechanism>]>,
    /// How often the password is hashed.
    pub iterations: Option<&'s Spanned<u32>>,
    /// Whether it is to be there.
    pub state: Option<&'s Spanned<State>>,
}

impl ScramSpec {
    /// What holds on a cluster: the cluster's override wins over the environment's, and that over the rest.
    pub fn on(&self, cluster: &ClusterSpec) -> Written<'_> {
        let find = |word: &str| self.overrides.iter().find(|(key, _)| &*key.value == word).map(|(_, spec)| spec);
        let environment = cluster.environment.as_ref().and_then(|environment| find(environment.as_str()));
        let own = Written {
            password: self.password.as_ref(),
            rotation: self.rotation.as_ref(),
            mechanisms: self.mechanisms.as_deref(),
            iterations: self.iterations.as_ref(),
            state: self.state.as_ref(),
        };
        [environment, find(cluster.cluster.as_str())].into_iter().flatten().fold(own, Written::overridden)
    }
}

impl ClusterScramUserSpec {
    /// What is written of it.
    pub fn written(&self) -> Written<'_> {
        Written {
            password: self.password.as_ref(),
            rotation: self.rotation.as_ref(),
            mechanisms: self.mechanisms.as_deref(),
            iterations: self.iterations.as_ref(),
            state: self.state.as_ref(),
        }
    }
}

impl<'s> Written<'s> {
    fn overridden(self, spec: &'s ScramOverrideSpec) -> Self {
        Self {
            password: spec.password.as_ref().or(self.password),
            rotation: spec.rotation.as_ref().or(self.rotation),
            mechanisms: spec.mechanisms.as_deref().or(self.mechanisms),
            iterations: spec.iterations.as_ref().or(self.iterations),
            state: spec.state.as_ref().or(self.state),
        }
    }

    /// Whether the user is to be gone.
    pub fn is_absent(&self) -> bool {
        self.state.is_some_and(|state| state.value == State::Absent)
    }

    /// What it logs in with, and how often the password is hashed for it; none where a controller would not take it.
    pub fn credentials(&self) -> BTreeMap<ScramMechanism, u32> {
        let iterations = self.iterations.map_or(BUILT_IN_ITERATIONS, |iterations| iterations.value);
        if !(LEAST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return BTreeMap::new();
        }
        match self.mechanisms {
            Some(mechanisms) => mechanisms.iter().map(|mechanism| (mechanism.value, iterations)).collect(),
            None => [(ScramMechanism::Sha512, iterations)].into(),
        }
    }
}
