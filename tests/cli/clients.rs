//! Configurations of clients: what services get, what is wrong with those that they have, and how secrets are delivered.

use std::path::Path;

use serde_json::Value;

use crate::support::workspace::{Run, Scratch, assert_valid};

/// The sample, which knows listeners, a Vault and a registry.
fn sample() -> Scratch {
    let scratch = Scratch::empty();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for part in ["busctl.yaml", "clusters", "topics", "acls", "catalog", "schemas", "docs/decisions"] {
        copy(&root.join(part), part, &scratch);
    }
    scratch
}

fn copy(from: &Path, to: &str, scratch: &Scratch) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &format!("{to}/{}", entry.file_name().to_string_lossy()), scratch);
        }
    } else if from.is_file() {
        scratch.write(to, std::fs::read(from).unwrap());
    }
}

fn config(scratch: &Scratch, arguments: &[&str]) -> Run {
    scratch.run(&[&["client-config"], arguments].concat())
}

#[test]
fn a_service_gets_the_configuration_of_its_client() {
    let scratch = sample();
    let run = config(&scratch, &["ingest-gateway", "--cluster", "production"]).ended(0);
    run.shows(&["acks=all\n", "enable.idempotence=true\n", "security.protocol=SSL\n", "client.id=ingest-gateway\n"]);
    // Two clients share a file by prefixes; one alone has none.
    let both = ["normalizer", "--cluster", "production"];
    config(&scratch, &both).ended(0).shows(&["producer.acks=all\n", "consumer.group.id=normalizer\n"]);
    let consumer = [&both[..], &["--client", "consumer", "--format", "librdkafka"]].concat();
    config(&scratch, &consumer).ended(0).shows(&["\ngroup.id=normalizer\n", "\nenable.auto.commit=false\n"]);
    let group = ["recommender", "--cluster", "staging", "--group", "recommender-training"];
    config(&scratch, &group).ended(0).shows(&["\ngroup.id=recommender-training\n"]);
}

#[test]
fn the_document_is_as_its_schema_says() {
    let scratch = sample();
    for service in ["normalizer", "playback-sessions", "media-connect", "royalty-clearing", "title-editor"] {
        let run = config(&scratch, &[service, "--cluster", "production", "--format", "json"]).ended(0);
        assert_valid("client-config.schema.json", &run.json());
    }
}

#[test]
fn what_cannot_be_told_is_said_with_what_to_do() {
    let scratch = sample();
    config(&scratch, &["normaliser", "--cluster", "staging"]).ended(64).says(&["did you mean `normalizer`?"]);
    config(&scratch, &["normalizer"]).ended(64).says(&["several clusters"]);
    config(&scratch, &["normalizer", "--cluster", "dev"]).ended(1).says(&["busctl dev up"]);
    let listener = ["normalizer", "--cluster", "staging", "--listener", "INTERNAL_TLS"];
    config(&scratch, &listener).ended(64).says(&["no listener `INTERNAL_TLS` for clients", "CLIENT_TLS"]);
    let group = ["normalizer", "--cluster", "staging", "--group", "other"];
    config(&scratch, &group).ended(64).says(&["its groups are normalizer"]);
}

#[test]
fn an_existing_configuration_is_checked_with_places_levels_and_reports() {
    let scratch = sample();
    scratch.write(
        "app.properties",
        "bootstrap.servers=kafka-0.staging.bus.myfarsi.example:9094\nsecurity.protocol=SSL\n\
         client.id=ingest-gateway\nacks=1\nssl.key.password=open-sesame-7\n",
    );
    let run = scratch.run(&["client-check", "app.properties", "--cluster", "production"]).ended(3);
    for part in ["BUS854", "app.properties:4:6", "BUS861", "a broker of `staging`", "BUS860", "app.properties:5:18"] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
    assert!(!format!("{}{}", run.out, run.err).contains("open-sesame-7"), "{}", run.out);
    // Which cluster it is for, the brokers tell.
    let found = scratch.run(&["client-check", "app.properties"]).ended(3);
    assert!(!found.out.contains("BUS861") && found.err.contains("on `staging`"), "{}\n{}", found.out, found.err);
    let json = scratch.run(&["client-check", "app.properties", "--format", "json"]).ended(3).json();
    assert!(!json.to_string().contains("open-sesame-7"), "{json:#}");
    scratch.run(&["client-check", "app.properties", "--format", "sarif"]).ended(3).shows(&["BUS854"]);
    scratch.edit("app.properties", "ssl.key.password=open-sesame-7\n", "");
    scratch.edit("busctl.yaml", "naming:", "rules: { BUS854: warn }\nnaming:");
    scratch.run(&["client-check", "app.properties"]).ended(0).shows(&["BUS854"]);
    scratch.run(&["client-check", "missing.properties"]).ended(1).says(&["could not read missing.properties"]);
    scratch.run(&["client-check", "app.properties", "--service", "nobody"]).ended(64).says(&["nobody"]);
}

#[test]
fn no_form_of_a_report_shows_a_secret_of_a_file_however_it_is_written() {
    let scratch = sample();
    let texts = [
        ("blank.properties", "ssl.key.password hunter2hunter2\nacks=all\n", "BUS860"),
        ("key.properties", "ssl.keystore.key hunter2hunter2\nacks=all\n", "BUS860"),
        ("other.properties", "app.db.password hunter2hunter2\nacks=all\n", "BUS860"),
        ("broken.properties", "acks=all\nssl.keystore.key=\nhunter2hunter2\n", "BUS850"),
        ("broken.yaml", "acks: all\nssl.key.password: *hunter2hunter2\n", "BUS850"),
        ("none.yaml", "db: { key: hunter2hunter2 }\n", "BUS850"),
    ];
    for (file, text, code) in texts {
        scratch.write(file, text);
        for format in ["text", "json", "sarif", "markdown", "junit", "github"] {
            let run = scratch.run(&["client-check", file, "--format", format]).ended(3);
            assert!(run.out.contains(code), "{file} {format}: {}", run.out);
            assert!(!format!("{}{}", run.out, run.err).contains("hunter2"), "{file} {format}: {}{}", run.out, run.err);
        }
    }
}

#[test]
fn what_is_printed_passes_the_check() {
    let scratch = sample();
    for format in ["properties", "env", "spring", "librdkafka", "json", "yaml"] {
        let arguments = ["title-editor", "--cluster", "production", "--format", format];
        let printed = config(&scratch, &arguments).ended(0).out;
        let name = if format == "json" || format == "yaml" { format!("own.{format}") } else { "own.txt".to_owned() };
        scratch.write(&name, printed);
        let library = if format == "librdkafka" { "librdkafka" } else { "java" };
        let check =
            ["client-check", &name, "--service", "title-editor", "--cluster", "production", "--library", library];
        if format != "json" && format != "yaml" {
            scratch.run(&check).ended(0);
        }
    }
}

/// What of the definitions of the External Secrets Operator these manifests use, from its API reference.
fn structure() -> Value {
    serde_json::from_str(include_str!("external_secrets.schema.json")).unwrap()
}

#[test]
fn kubernetes_delivers_the_certificate_and_the_credentials_of_each_service() {
    let scratch = sample();
    scratch.edit(
        "clusters/production.yaml",
        "identities:",
        "clients:\n  registry: { password: \"vault:secret/bus/{service}#registry\" }\nidentities:",
    );
    scratch.run(&["render", "external-secrets", "normalizer", "--cluster", "production", "--out", "k8s"]).ended(0);
    let text = scratch.read("k8s/production/normalizer-production-kafka.yaml");
    let (beside, others): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains(" client.properties: "));
    assert!(beside[0].contains("consumer.group.id=normalizer\\n"), "{}", beside[0]);
    insta::assert_snapshot!(others.join("\n"), @r#"
    # Made by `busctl render external-secrets`; edit the workspace instead.
    ---
    apiVersion: generators.external-secrets.io/v1alpha1
    kind: VaultDynamicSecret
    metadata:
      name: normalizer-production-kafka-identity
      labels:
        app.kubernetes.io/managed-by: busctl
        busctl/service: normalizer
        busctl/cluster: production
    spec:
      path: /pki/issue/normalizer
      method: POST
      parameters:
        common_name: normalizer
        private_key_format: pkcs8
        format: pem
      resultType: Data
      provider:
        server: https://vault.myfarsi.example:8200
        auth:
          kubernetes:
            mountPath: kubernetes
            role: normalizer
            serviceAccountRef:
              name: normalizer
    ---
    apiVersion: generators.external-secrets.io/v1alpha1
    kind: VaultDynamicSecret
    metadata:
      name: normalizer-production-kafka-ca
      labels:
        app.kubernetes.io/managed-by: busctl
        busctl/service: normalizer
        busctl/cluster: production
    spec:
      path: /pki/cert/ca
      method: GET
      resultType: Data
      provider:
        server: https://vault.myfarsi.example:8200
        auth:
          kubernetes:
            mountPath: kubernetes
            role: normalizer
            serviceAccountRef:
              name: normalizer
    ---
    apiVersion: generators.external-secrets.io/v1alpha1
    kind: VaultDynamicSecret
    metadata:
      name: normalizer-production-kafka-registry-ca
      labels:
        app.kubernetes.io/managed-by: busctl
        busctl/service: normalizer
        busctl/cluster: production
    spec:
      path: /pki/cert/ca
      method: GET
      resultType: Data
      provider:
        server: https://vault.myfarsi.example:8200
        auth:
          kubernetes:
            mountPath: kubernetes
            role: normalizer
            serviceAccountRef:
              name: normalizer
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: normalizer-production-kafka
      labels:
        app.kubernetes.io/managed-by: busctl
        busctl/service: normalizer
        busctl/cluster: production
    spec:
      refreshInterval: 12h
      secretStoreRef:
        name: vault
        kind: ClusterSecretStore
      target:
        name: normalizer-production-kafka
        creationPolicy: Owner
        deletionPolicy: Retain
        template:
          engineVersion: v2
          type: Opaque
          mergePolicy: Replace
          data:
            ca.crt: "{{ .ca_certificate }}\n"
            keystore.pem: "{{ .identity_private_key }}\n{{ .identity_certificate }}\n{{ with index . \"identity_ca_chain\" }}{{ . | fromJson | join \"\\n\" }}{{ else }}{{ .identity_issuing_ca }}{{ end }}\n"
            registry.ca.crt: "{{ .registry_ca_certificate }}\n"
            registry.password: "{{ .registry_password }}"
            tls.crt: "{{ .identity_certificate }}\n{{ with index . \"identity_ca_chain\" }}{{ . | fromJson | join \"\\n\" }}{{ else }}{{ .identity_issuing_ca }}{{ end }}\n"
            tls.key: "{{ .identity_private_key }}\n"
      data:
        - secretKey: registry_password
          remoteRef:
            key: secret/bus/normalizer
            property: registry
      dataFrom:
        - sourceRef:
            generatorRef:
              apiVersion: generators.external-secrets.io/v1alpha1
              kind: VaultDynamicSecret
              name: normalizer-production-kafka-identity
          rewrite:
            - regexp:
                source: ^(.*)$
                target: identity_$1
        - sourceRef:
            generatorRef:
              apiVersion: generators.external-secrets.io/v1alpha1
              kind: VaultDynamicSecret
              name: normalizer-production-kafka-ca
          rewrite:
            - regexp:
                source: ^(.*)$
                target: ca_$1
        - sourceRef:
            generatorRef:
              apiVersion: generators.external-secrets.io/v1alpha1
              kind: VaultDynamicSecret
              name: normalizer-production-kafka-registry-ca
          rewrite:
            - regexp:
                source: ^(.*)$
                target: registry_ca_$1
    "#);
    scratch.remove("k8s/production/normalizer-production-kafka.yaml");
    let all = ["render", "external-secrets", "--out", "k8s"];
    scratch.run(&all).ended(0);
    let validator = jsonschema::draft202012::new(&structure()).unwrap();
    let mut names = std::collections::BTreeSet::new();
    for cluster in ["production", "staging"] {
        for entry in std::fs::read_dir(scratch.path("k8s").join(cluster)).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for document in documents(&text) {
                let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
                let name = format!("{}/{}", document["kind"], document["metadata"]["name"]);
                assert!(names.insert(name.clone()), "{name} twice");
            }
        }
    }
    assert!(names.len() > 20, "{names:?}");
    let check = [&all[..], &["--check"]].concat();
    scratch.run(&check).ended(0);
    scratch.write("k8s/production/by-hand.yaml", "kind: ConfigMap\n");
    scratch.edit("acls/recommender.yaml", "service: recommender", "service: recommender\nclusters: [staging]");
    scratch.run(&check).ended(3).says(&["recommender-production-kafka.yaml is of no service any more"]);
    scratch.run(&all).ended(0).says(&["1 taken away"]);
    assert!(scratch.path("k8s/production/by-hand.yaml").exists());
    scratch.run(&check).ended(0);
    let text = scratch.read("k8s/production/normalizer-production-kafka.yaml");
    scratch.write("k8s/retired/normalizer-retired-kafka.yaml", text);
    scratch.run(&check).ended(3).says(&["retired/normalizer-retired-kafka.yaml is of no service any more"]);
    scratch.run(&all).ended(0).says(&["1 taken away"]);
}

#[test]
fn a_configuration_with_a_secret_is_delivered_to_nobody() {
    let configs = [
        "config: { ssl.key.password: Hunter2Secret }",
        "producer: { basic.auth.user.info: \"u:Hunter2Secret\" }",
        "config: { sasl.jaas.config: \"x required password=Hunter2Secret;\" }",
        "consumer: { interceptor.db.pass: Hunter2Secret }",
        "config: { client.rack: \"https://u:Hunter2Secret@racks.example.com\" }",
    ];
    let (file, before) = ("clusters/production.yaml", "identities: { vault: \"pki/issue/{service}\" }");
    for written in configs {
        let scratch = sample();
        scratch.edit(file, before, &format!("{before}\nclients: {{ {written} }}"));
        for form in ["properties", "env", "json", "yaml", "librdkafka", "spring"] {
            let arguments = ["normalizer", "--cluster", "production", "--format", form];
            let run = config(&scratch, &arguments).ended(3);
            let run = run.says(&["clusters/production.yaml:", "of clients holds a secret"]);
            assert!(run.out.is_empty() && !run.err.contains("Hunter2"), "{written}: {run:?}");
        }
        let render = ["render", "external-secrets", "--cluster", "production", "--out", "k8s"];
        scratch.run(&render).ended(3).says(&["clusters/production.yaml:", "of clients holds a secret"]);
        assert!(!scratch.path("k8s").exists(), "{written}");
    }
    // What is filled in when the client starts is none.
    let scratch = sample();
    let filled = "config: { ssl.key.password: \"${env:KEY_PASSWORD}\" }";
    scratch.edit(file, before, &format!("{before}\nclients: {{ {filled} }}"));
    config(&scratch, &["normalizer", "--cluster", "production"]).ended(0).shows(&["${env:KEY_PASSWORD}"]);
}

#[test]
fn half_a_configuration_is_delivered_to_nobody() {
    let scratch = sample();
    scratch.edit(
        "clusters/production.yaml",
        "identities: { vault: \"pki/issue/{service}\" }",
        "consul: { address: \"https://consul.example.org:8501\", prefix: kafka/production }",
    );
    let nowhere = "nothing says where `normalizer` has one";
    for command in [&["render", "external-secrets"][..], &["client-config"][..]] {
        let arguments = [command, &["normalizer", "--cluster", "production"]].concat();
        scratch.run(&arguments).ended(3).says(&["clusters/production.yaml:", nowhere, "identities: { vault:"]);
    }
    scratch.run(&["validate", "--cluster", "production"]).ended(3).shows(&["BUS414", nowhere, "acls/normalizer.yaml:"]);
}

#[test]
fn the_operator_gets_the_authority_of_a_private_vault() {
    let scratch = sample();
    let address = "  address: https://vault.myfarsi.example:8200\n";
    let arguments = ["render", "external-secrets", "normalizer", "--cluster", "production"];
    let with_ca = |ca: &str, before: &str| {
        scratch.edit("busctl.yaml", &format!("{address}{before}"), &format!("{address}  tls: {{ ca: \"{ca}\" }}\n"));
    };
    with_ca("file:tls/vault.pem", "");
    scratch.run(&arguments).ended(1).says(&["could not read the authority of Vault", "tls/vault.pem"]);
    scratch.write("tls/vault.pem", " ".repeat(16 << 20));
    scratch.run(&arguments).ended(1).says(&["could not read the authority of Vault", "is larger than"]);
    scratch.write("tls/vault.pem", "# none\n");
    scratch.run(&arguments).ended(1).says(&["could not read the authority of Vault", "there is no certificate in it"]);
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    scratch.write(
        "tls/vault.pem",
        format!("# ours\n-----BEGIN PRIVATE KEY-----\nBBBB\n-----END PRIVATE KEY-----\n{certificate}"),
    );
    let run = scratch.run(&arguments).ended(0);
    let encoded = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCkFBQUEKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";
    let validator = jsonschema::draft202012::new(&structure()).unwrap();
    let documents = documents(&run.out);
    let generators: Vec<&Value> =
        documents.iter().filter(|document| document["kind"] == "VaultDynamicSecret").collect();
    assert!(!generators.is_empty());
    for document in generators {
        assert!(validator.is_valid(document), "{document:#}");
        assert_eq!(document["spec"]["provider"]["caBundle"], encoded);
    }
    with_ca("env:VAULT_CA", "  tls: { ca: \"file:tls/vault.pem\" }\n");
    let run = scratch.run(&arguments).ended(0).says(&["env:VAULT_CA", "caProvider"]);
    assert!(!run.out.contains("caBundle"), "{}", run.out);
}

#[test]
fn files_that_are_large_deep_or_in_another_encoding_are_told_apart() {
    let scratch = sample();
    let check = |name: &str, code: i32| scratch.run(&["client-check", name, "--cluster", "production"]).ended(code);
    // As java.util.Properties reads them.
    scratch.write("latin.properties", b"acks=all\nclient.id=caf\xe9\n");
    let run = scratch.run(&["client-check", "latin.properties", "--cluster", "production"]);
    assert!(!run.out.contains("BUS850") && !run.err.contains("UTF-8"), "{run:#?}");
    scratch.write("latin.yaml", b"client.id: caf\xe9\n");
    check("latin.yaml", 1).says(&["not UTF-8"]);
    scratch.write("large.properties", "#".repeat(2 << 20) + "\nacks=all\n");
    let run = scratch.run(&["client-check", "large.properties", "--cluster", "production"]);
    assert!(!run.err.contains("larger"), "{run:#?}");
    scratch.write("huge.properties", "#".repeat(5 << 20));
    check("huge.properties", 64).says(&["larger than 4 MiB"]);
    scratch.write("broken.json", "{ \"acks\": \"all\", ");
    check("broken.json", 3).shows(&["not valid JSON"]);
    scratch.write("deep.json", "{\"a\":".repeat(50_000));
    check("deep.json", 3).shows(&["BUS850", "recursion limit"]);
}

/// The documents of a file. The manifests are in the part of YAML that is read alike by all.
fn documents(text: &str) -> Vec<Value> {
    let (documents, findings) = busctl::source::parse_yaml(busctl::source::FileId(0), text);
    assert!(findings.is_empty(), "{findings:?}");
    documents.iter().map(value).collect()
}

fn value(node: &busctl::source::Node) -> Value {
    use busctl::source::Value as Yaml;
    match &node.value {
        Yaml::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.value.to_string(), value(&entry.value))).collect()
        }
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Scalar { text, .. } => Value::String(text.to_string()),
    }
}
