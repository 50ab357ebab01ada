//! What can be compared of a workspace though some of its manifests cannot be read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::against::BaseState;
use crate::resources::Workspace;
use crate::resources::cluster::ClusterSpec;

/// The workspace as it is compared with a base. A manifest that cannot be read is there as the base has it, so that it is
/// neither gone nor changed; where the base has none, it is not there. `None` where busctl.yaml cannot be read: classes and
/// defaults reach every topic, and a value may have moved from there into a manifest.
pub(super) fn legible<'w>(workspace: &'w Workspace, state: BaseState<'_>) -> Option<Cow<'w, Workspace>> {
    let base = base_of(state);
    if !workspace.has_whole_settings() || base.is_some_and(|base| !base.has_whole_settings()) {
        return None;
    }
    if is_whole(workspace) {
        return Some(Cow::Borrowed(workspace));
    }
    let mut legible = workspace.clone();
    macro_rules! fill {
        ($kind:literal, $($field:ident).+) => {
            fill(&mut legible.$($field).+, base.map(|base| &base.$($field).+), workspace, $kind);
        };
    }
    fill!("cluster", clusters);
    fill!("registry", registries);
    fill!("topic", topics);
    fill!("grants", grants);
    fill!("subject", subjects);
    fill!("domain", catalog.domains);
    fill!("service", catalog.services);
    fill!("team", catalog.teams);
    fill!("role", catalog.roles);
    legible.catalog.gather_claims();
    Some(Cow::Owned(legible))
}

fn is_whole(workspace: &Workspace) -> bool {
    workspace.unread.is_empty() && workspace.broken.is_empty()
}

fn base_of<'b>(state: BaseState<'b>) -> Option<&'b Workspace> {
    match state {
        BaseState::Manifests(base) => Some(base.workspace),
        BaseState::Live { .. } => None,
    }
}

/// Takes what cannot be read from the base. What the base has and nothing here may be in a manifest that cannot be read.
fn fill<K: Ord + Clone + ToString, V: Clone>(
    map: &mut BTreeMap<K, V>,
    base: Option<&BTreeMap<K, V>>,
    workspace: &Workspace,
    kind: &'static str,
) {
    if workspace.has_whole(kind) {
        return;
    }
    let is_broken = |name: &K| workspace.broken.contains(&(kind, name.to_string()));
    map.retain(|name, _| !is_broken(name));
    let is_unread = workspace.unread.contains(kind);
    for (name, value) in base.into_iter().flatten() {
        if (is_unread || is_broken(name)) && !map.contains_key(name) {
            map.insert(name.clone(), value.clone());
        }
    }
}

/// Whether it can be told who loses access: a principal may have it from any manifest of grants or any role. A live state
/// does not say which topics' owners had consented, either.
pub(super) fn tells_access(workspace: &Workspace, state: BaseState<'_>) -> bool {
    let has_topics = base_of(state).is_some() || workspace.has_whole("topic");
    has_topics && workspace.has_whole("grants") && workspace.has_whole("role")
}

/// What a comparison with a base leaves out because some manifests cannot be read. One sentence without a full stop.
pub fn untold(workspace: &Workspace, state: BaseState<'_>) -> Option<&'static str> {
    if !workspace.has_whole_settings() {
        return Some("what the change takes away is not told, because busctl.yaml cannot be read");
    }
    if base_of(state).is_some_and(|base| !base.has_whole_settings()) {
        return Some("what the change takes away is not told, because busctl.yaml of the base cannot be read");
    }
    if is_whole(workspace) {
        return None;
    }
    let is_lost = |cluster: &ClusterSpec| {
        let is_there = |name: &str| {
            let is_broken = workspace.broken.contains(&("registry", name.to_owned()));
            (workspace.registries.contains_key(name) && !is_broken)
                || base_of(state).is_some_and(|base| base.registries.contains_key(name))
        };
        cluster.schema_registry.as_ref().is_some_and(|name| !is_there(name.value.as_str()))
    };
    let tells_clusters = workspace.has_whole("registry") || !workspace.clusters.values().any(is_lost);
    Some(match (tells_clusters, tells_access(workspace, state)) {
        (false, _) => {
            "what the change takes away is not told of the clusters whose registry has a manifest that cannot be read"
        }
        (true, true) => "what the change takes away is told of the manifests that can be read, and of no other",
        (true, false) => {
            "what the change takes away is told of the manifests that can be read, and of no other; who loses access is \
             not told, because grants may be in one that cannot be read"
        }
    })
}
