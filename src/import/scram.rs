//! Users that log in with SCRAM. Where their passwords are kept no server tells, so that each is a question.

use std::collections::BTreeSet;

use super::found::one_line;
use super::skeleton::Skeleton;
use super::{Found, Import};
use crate::model::Principal;
use crate::ports::kafka::{ScramMechanism, ScramUser};
use crate::resources::scram::{BUILT_IN_ITERATIONS, DesiredScramUsers, MOST_ITERATIONS, in_scope};

/// A comment in the manifest of a service whose principal logs in with SCRAM; empty where it does not.
pub fn question(found: &Found, principal: &Principal) -> String {
    let user = found.scram_users.iter().find(|found| Some(found.name.as_str()) == principal.user());
    user.map_or_else(String::new, |user| {
        let kept = kept(found, user);
        format!(
            "# question: where is its password kept?{kept} Write `scram: {{ {} }}` here; until then it stays as it is\n",
            said(user)
        )
    })
}

/// Says of the others that they are left alone.
pub fn leave(import: &mut Import<'_>, skeleton: &Skeleton, adopted: &BTreeSet<Principal>) {
    if !import.request.only.is_empty() {
        return;
    }
    let workspace = import.request.workspace;
    let declared = workspace.clusters.get(import.request.cluster);
    let declared = declared.map(|cluster| DesiredScramUsers::compile(workspace, cluster)).unwrap_or_default();
    let is_adopted = |user: &ScramUser| {
        format!("User:{}", user.name).parse().is_ok_and(|principal: Principal| adopted.contains(&principal))
    };
    let left = import.found.scram_users.iter().filter(|user| {
        in_scope(&skeleton.cluster, &user.name) && !declared.wanted.contains_key(&user.name) && !is_adopted(user)
    });
    let left: Vec<String> = left
        .map(|user| {
            let kept = match import.found.passwords.get(&user.name) {
                Some(kept) => format!("the files that this was imported from have its password in {}", one_line(kept)),
                None => "no server tells where its password is kept".to_owned(),
            };
            format!(
                "the SCRAM user {}: {kept}; add it to `scram_users` of the cluster, or to its service: {{ {} }}",
                user.name,
                said(user)
            )
        })
        .collect();
    import.made.left.extend(left);
}

/// What files say of where its password is kept, as a sentence with a space before it.
fn kept(found: &Found, user: &ScramUser) -> String {
    found.passwords.get(&user.name).map_or_else(String::new, |kept| {
        format!(" The files that this was imported from have it in {}.", one_line(kept))
    })
}

/// What a manifest says of it, but for where its password is kept.
fn said(user: &ScramUser) -> String {
    let mut said = "password: vault:PATH#FIELD".to_owned();
    if !user.credentials.keys().eq([&ScramMechanism::Sha512]) {
        let mechanisms: Vec<&str> = user.credentials.keys().map(|mechanism| mechanism.as_str()).collect();
        said += &format!(", mechanisms: [{}]", mechanisms.join(", "));
    }
    // Where they differ, a manifest has the most for all; more than controllers take is in no manifest.
    let most = user.credentials.values().max().map(|most| (*most).min(MOST_ITERATIONS));
    if let Some(most) = most.filter(|most| *most != BUILT_IN_ITERATIONS) {
        said += &format!(", iterations: {most}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_iterations_are_said_than_a_manifest_may_have() {
        for (iterations, text) in [(4096, ""), (8192, ", iterations: 8192"), (20_000, ", iterations: 16384")] {
            let credentials = [(ScramMechanism::Sha512, iterations)].into();
            let user = ScramUser { name: "till".into(), credentials };
            assert_eq!(said(&user), format!("password: vault:PATH#FIELD{text}"));
        }
    }
}
