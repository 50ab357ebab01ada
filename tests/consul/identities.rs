//! Who a service is by Consul and by Vault: what `validate --online` says of all, and `plan` of those who would get something.

use serde_json::json;

use crate::support::consul::{Access, Consul};
use crate::support::sample::{self, assert_settled, changes, findings};
use crate::support::server::{Bus, bus};
use crate::support::vault::Vault;
use crate::support::workspace::Scratch;

const RIGHTS: &str = "service_prefix \"\" { policy = \"read\" }\nnode_prefix \"\" { policy = \"read\" }";

fn workspace(bus: &Bus, domain: &str, written: &str) -> Scratch {
    let scratch = sample::workspace(bus, domain);
    scratch.edit("clusters/main.yaml", "manages:", &format!("{written}\nmanages:"));
    scratch
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_to_nobody_of_consul_is_refused() {
    let Some(consul) = Consul::start(Access::Denied).await else { return };
    let written = format!(
        "identities: {{ consul: \"bus-{{service}}\" }}\nconsul: {{ address: \"{}\", token: file:secrets/consul }}",
        consul.address
    );
    let scratch = workspace(bus().await, "held", &written);
    let token = consul.token(RIGHTS);
    scratch.write("secrets/consul", &token);
    consul.register("bus-held-writer");

    scratch.run(&["validate"]).ended(0);
    let online = scratch.run(&["validate", "--online"]).ended(3);
    online.shows(&[
        "BUS540",
        "nobody holds the identity of `held-reader` on `main`",
        "bus-held-reader",
        "acls/reader.yaml:1:10",
    ]);
    let planned = scratch.run(&["plan", "--format", "json"]).ended(3);
    assert!(findings(&planned).contains(&"BUS540 error".to_owned()), "{}", planned.out);
    assert!(!planned.out.contains("held-writer` on"), "{}", planned.out);
    scratch.run(&["apply", "--yes"]).ended(3).says(&["nothing was changed"]);
    // Without the grants to nobody the rest is applied.
    scratch.run(&["apply", "--yes", "--exclude", "grant/held-reader/*"]).ended(0);

    // A token that sees less: nobody is taken for absent, and what is unknown is not granted.
    scratch.write("secrets/consul", consul.token("service \"other\" { policy = \"read\" }"));
    let unknown = scratch.run(&["validate", "--online"]).ended(1);
    unknown.says(&["who has an identity on `main` is not known", "service_prefix \"\" { policy = \"read\" }"]);
    let part = scratch.run(&["plan", "--format", "json"]).ended(1);
    assert_eq!((changes(&part).as_str(), &part.json()["complete"]), ("", &json!(false)));

    scratch.write("secrets/consul", &token);
    consul.register("bus-held-reader");
    scratch.run(&["validate", "--online"]).ended(0);
    scratch.run(&["apply", "--yes"]).ended(0);
    assert_settled(&scratch);

    // Who has what it is to have needs nobody; a waiver excepts a service.
    consul.deregister("bus-held-reader");
    assert_settled(&scratch);
    scratch.run(&["validate", "--online"]).ended(3);
    // A baseline is for what was seen online too.
    scratch.run(&["validate", "--online", "--write-baseline", "known.json"]).ended(0);
    scratch.run(&["validate", "--online", "--baseline", "known.json"]).ended(0);
    scratch.write(
        "busctl.yaml",
        scratch.read("busctl.yaml")
            + "longest_waiver: unlimited\nwaivers:\n  - { code: BUS540, resource: service/held-reader, reason: It moves next week., expires: 2999-01-01, \
               owner: sales }\n",
    );
    let waived = scratch.run(&["validate", "--online"]);
    assert!(!waived.out.contains("BUS540"), "{waived:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_vault_or_a_service_of_consul_is_enough() {
    let Some(vault) = Vault::start().await else { return };
    let Some(consul) = Consul::start(Access::Open).await else { return };
    vault.pki("pki", "either-writer", json!({}));
    let written = format!(
        "identities: {{ vault: \"pki/issue/{{service}}\", consul: \"{{service}}\" }}\nconsul: {{ address: \"{}\" }}\n\
         vault: {{ address: \"{}\", auth: {{ token: file:secrets/vault }} }}",
        consul.address, vault.address
    );
    let scratch = workspace(bus().await, "either", &written);
    let policy = "path \"pki/roles\" { capabilities = [\"list\"] }";
    scratch.write("secrets/vault", vault.token(policy, "1h"));
    let online = scratch.run(&["validate", "--online"]).ended(3);
    let online = online.shows(&["no role pki/issue/either-reader in Vault and no service either-reader in Consul"]);
    assert!(!online.out.contains("either-writer` on"), "{}", online.out);
    consul.register("either-reader");
    scratch.run(&["validate", "--online"]).ended(0);

    // Who is known to one need not be asked for at the other; who is not, may be there.
    scratch.write("secrets/vault", vault.token("path \"other\" { capabilities = [\"read\"] }", "1h"));
    let unknown = scratch.run(&["validate", "--online"]).ended(1);
    unknown.says(&["could not list the roles of pki on Vault", "permission denied", "path \"pki/roles\""]);
    consul.register("either-writer");
    scratch.run(&["validate", "--online"]).ended(0);
    // An engine without a role has none; no engine is another thing.
    scratch.write("secrets/vault", vault.token(policy, "1h"));
    vault.write("sys/mounts/bare", &json!({ "type": "pki" }));
    let root = vault.root.clone();
    scratch.write("secrets/vault", root);
    scratch.edit(
        "clusters/main.yaml",
        "vault: \"pki/issue/{service}\", consul: \"{service}\"",
        "vault: \"bare/issue/{service}\"",
    );
    scratch.run(&["validate", "--online"]).ended(3).shows(&["no role bare/issue/either-reader in Vault"]);
    scratch.edit("clusters/main.yaml", "bare/issue", "nowhere/issue");
    scratch.run(&["validate", "--online"]).ended(1).says(&["there is no PKI engine"]);
}
