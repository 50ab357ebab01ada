use super::*;

fn found(text: &str) -> Vec<&str> {
    secrets(text).into_iter().map(|secret| &text[secret.range]).collect()
}

#[test]
fn secrets_of_every_kind() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJidXNjdGwifQ.c2lnbmF0dXJlLW9mLWl0";
    let cases = [
        ("password: hunter2", "hunter2"),
        ("# old password: hunter2", "hunter2"),
        ("sasl: { username: x, password: hunter2 }", "hunter2"),
        ("password: 'correct horse'", "correct horse"),
        ("sasl.password=hunter2", "hunter2"),
        ("  password: correct horse battery   # old", "correct horse battery"),
        ("password: |\n  correct horse\n", "correct horse"),
        ("client_secret: hunter2", "hunter2"),
        ("passwrd: hunter2", "hunter2"),
        ("db_pwd: hunter2", "hunter2"),
        ("pwd=hunter2", "hunter2"),
        ("key.pass-phrase: hunter2", "hunter2"),
        ("pass_phrase: correct horse battery", "correct horse battery"),
        ("password = correct horse battery", "correct horse battery"),
        ("# password = correct horse battery   # old", "correct horse battery"),
        ("config: |\n  sasl.password = correct horse battery\n", "correct horse battery"),
        ("description: \"passphrase = correct horse battery\"", "correct horse battery"),
        ("{\"doc\": \"password = correct horse battery\", \"x\": 1}", "correct horse battery"),
        ("basic.auth.user.info: u:hunter2", "u:hunter2"),
        ("schema.registry.basic.auth.user.info=u:hunter2", "u:hunter2"),
        ("{ producer: { basic.auth.user.info: \"u:hunter 2\" } }", "u:hunter 2"),
        ("SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO=u:hunter2", "u:hunter2"),
        ("{\"db_password\": \"hunter2\"}", "hunter2"),
        (
            "sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username=\"x\" password=\"hunter2\";",
            "hunter2",
        ),
        (r#"{"c": "ScramLoginModule required username=\"x\" password=\"hunter2\";"}"#, "hunter2"),
        ("url: postgres://bus:hunter2@db.example.com/x", "hunter2"),
        ("url: https://:hunter2@example.com", "hunter2"),
        (
            "{ slack: \"https://hooks.slack.com/services/T00000000/B00000000/abcdefghijkl\" }",
            "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijkl",
        ),
        (
            "pager: https://events.pagerduty.com/integration/0123456789abcdef/enqueue",
            "https://events.pagerduty.com/integration/0123456789abcdef/enqueue",
        ),
        ("dsn: bus:hunter2@tcp(db.example.com:3306)/x", "hunter2"),
        ("consul: { address: \"http://h/x?dc=a&token=QuerySecret\" }", "QuerySecret"),
        ("see https://blobs.example.com/x?sv=1&sig=abc%2Fdef there", "abc%2Fdef"),
        ("header: Basic dXNlcjpwdw==", "dXNlcjpwdw=="),
        ("<db><password>hunter2</password></db>", "hunter2"),
        ("<sasl.password type=\"x\">correct horse</sasl.password>", "correct horse"),
        (r#"{"k":"{\"client_secret\":\"hunter2\"}"}"#, "hunter2"),
        (r#"{"k":"{\\\"password\\\": \\\"hunter2\\\"}"}"#, "hunter2"),
        ("# AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("client_secret: 8f14e45fceea167a5a36dedd4bea2543", "8f14e45fceea167a5a36dedd4bea2543"),
        ("api-key: \"Zm9vYmFyQmF6UXV4MTIz\"", "Zm9vYmFyQmF6UXV4MTIz"),
        ("x: ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ];
    for (text, secret) in cases {
        assert_eq!(found(text), [secret], "{text}");
    }
    for secret in [
        "npm_0123456789abcdefghijABCDEFGHIJ012345",
        "sk-ant-api03-0123456789abcdefghij-ABCDEFGHIJ",
        "sk-proj-0123456789abcdefghijABCDEFGHIJ",
        "SG.0123456789abcdefghijAB.0123456789abcdefghijABCDEFGHIJ012345",
        "AGE-SECRET-KEY-1QQPQ3X8ZJ0G5V2K7M4N9T6R8S1W0Y3C5E7H9L2D4F6A8U0XYZW",
    ] {
        assert_eq!(found(&format!("description: see {secret} there")), [secret]);
    }
    let key = "0123456789abcdefghijABCDEFGHIJ0123456789abcdefghijABCD==";
    assert_eq!(found(&format!("x: \"AccountName=a;AccountKey={key};EndpointSuffix=b\"")), [key]);
    assert_eq!(found("# curl -H 'Authorization: Basic dXNlcjpodW50ZXIy' x"), ["dXNlcjpodW50ZXIy"]);
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for text in ["# AKIAIOSFODNN7EXAMPLE ", "\"doc\": \"AKIAIOSFODNN7EXAMPLE and ", "x: AKIAIOSFODNN7EXAMPLE:"] {
        assert_eq!(found(&format!("{text}{secret}\n")), ["AKIAIOSFODNN7EXAMPLE", secret], "{text}");
    }
    let token = "0123456789abcdefABCDEF0123456789";
    assert_eq!(found(&format!("# curl -H 'Authorization: Bearer {token}' x")), [token]);
    assert_eq!(found(&format!("a: {jwt}\nb: 1")), [jwt]);
    let key = "-----BEGIN RSA PRIVATE KEY-----\n  MIIEow+IBAAKCAQEA\n  -----END RSA PRIVATE KEY-----";
    let text = format!("key: |\n  {key}\nother: 1\n");
    let secret = &secrets(&text)[0];
    assert!(text[secret.range.clone()].starts_with(key));
    let masked = masked(&text, std::slice::from_ref(secret));
    assert!(masked.starts_with("key: |\n  *****") && !masked.contains("MII") && masked.lines().count() == 5);
    assert_eq!(masked.len(), text.len());
    let text = "password: hunter2\nstate: hunter2\n# password: abc\nabc: hunter2hunter2\n";
    let starred = "password: *******\nstate: *******\n# password: ***\nabc: **************\n";
    assert_eq!(super::masked(text, &secrets(text)), starred);
}

#[test]
fn references_placeholders_and_words_are_none() {
    for text in [
        "password: vault:secret/bus/production/registry#password",
        "password: env:BUS_PASSWORD",
        "basic.auth.user.info: u:${file:/etc/kafka/registry:password}",
        "basic.auth.user.info: vault:secret/bus#info",
        "basic.auth.user.info: env:USER_INFO",
        "basic.auth.user.info=${file:/etc/kafka/registry.properties:info}",
        "basic.auth.user.info: \"${env:INFO}\"",
        "basic.auth.user.info: \"{{ user }}:{{ password }}\"",
        "basic.auth.user.info: u:<password>",
        "basic.auth.user.info: user:password",
        "basic.auth.user.info: u",
        "basic.auth.credentials.source: USER_INFO",
        "ca: file:ca.pem",
        "password: ${PASSWORD}",
        "password: <your password>",
        "password: ********",
        "password:",
        "\"password\": true,\n",
        "password: # none\n",
        "password: { description: x }",
        "\"password\": { \"type\": \"string\" }",
        "{\"name\": \"password\", \"type\": \"string\"}",
        "{\"password\": \"string\"}",
        "string password = 100;",
        "PASSWORD = 100 [deprecated = true];",
        "pwd: /home/kafka/bus",
        "# Whoever changes the pwd: tell the owner.",
        "password = the one that the vault has",
        "description: password = what the player types.",
        "  If the password = an empty one, nobody is let in.",
        "password = vault:secret/bus#password of the bus",
        "fields: id, password = hash of it",
        "string api_key = 7 [deprecated = true];",
        "# The password: see Vault, it changes each day.",
        "token_endpoint: https://idp.example.com/oauth/token",
        "url: https://registry.example.com:8081/apis",
        "bootstrap: kafka-0.example.com:9094",
        "token: the-word-of-a-day",
        "secret: media.raw_ingest.v1",
        "doc: A token that the player got when it was authorized.",
        "cluster_id: KjaDqFKeSJGm-ebAeEki8g",
        "description: A bearer authentication-is-required there.",
        "authorization: basic and bearer",
        "description: Basic authentication and basic access.",
        "principals: User:alice@EXAMPLE.COM",
        "url: https://example.com/?token=${TOKEN}&page=7",
        "url: https://example.com/?token=********",
        "see https://api.example.com/items?page_token=abcdef&next_token=ghijkl",
        "<password>${PASSWORD}</password><token>string</token>",
        "description: user@example.com at https://example.com",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn what_a_system_has_under_the_name_of_a_secret_is_one_whatever_it_looks_like() {
    for name in [
        "secret",
        "token",
        "TOKEN",
        "api_key",
        "apikey",
        "api-key",
        "apiKey",
        "access_token",
        "accessToken2",
        "api_token",
        "vault_token",
        "private_key",
        "ACCESS_KEY",
        "db_pass",
        "password1",
        "password_2",
        "auth",
        "basic_auth",
        "bearer",
        "authorization",
        "app/secret",
        "registry/password/reference",
        "registry/password/file",
        "sasl/client_secret/reference",
        "tls/key/reference",
        "truststore_pw",
        "db.password.production",
        "secret/value",
        "secrets/v2",
        "password/",
    ] {
        assert!(is_secret_setting(name, "Walrus7Tango"), "{name}");
        assert!(is_secret_setting(&format!("normalizer/{name}"), "Walrus7Tango"), "{name}");
        assert!(!is_secret_setting(name, "vault:secret/bus#password"), "{name}");
    }
    assert!(is_secret_setting("normalizer/configs/common/basic.auth.user.info", "u:Walrus7Tango"));
    assert!(!is_secret_setting("normalizer/configs/common/basic.auth.user.info", "u:${env:PASSWORD}"));
    for (name, value) in [
        ("registry/password/file", "/etc/kafka/registry/password"),
        ("registry/password/reference", ""),
        ("token", ""),
        ("token", "********"),
        ("sasl/password", "${PASSWORD}"),
        ("key", "asset_id"),
        ("produces/media.secret/key", "asset_id"),
        ("sasl.oauthbearer.token.endpoint.url", "https://idp.example.com/token"),
        ("ssl.client.auth", "requested"),
        ("delegation.token.expiry.time.ms", "86400000"),
        ("basic.auth.credentials.source", "USER_INFO"),
        ("config.key.serializer", "Avro"),
        ("schema.registry.url", "https://registry.example.com/apis/ccompat/v7"),
        ("produces/media.secret.v1/schemas/value/version", "7"),
        ("listeners/TOKEN/description", "Walrus7Tango"),
        ("headers/deployment.env", "production"),
        ("cpw", "Walrus7Tango"),
        ("author", "Walrus7Tango"),
        ("compass", "Walrus7Tango"),
    ] {
        assert!(!is_secret_setting(name, value), "{name}");
    }
}
