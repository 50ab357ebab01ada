//! librdkafka beside the configurations that are printed for it.

use rdkafka::config::ClientConfig;

use crate::render::client_config::{Choice, ClientFormat, render};
use crate::resources::client_config::ClientKind;
use crate::resources::client_config::keys::{Library, names};
use crate::resources::client_config::tests::{config_of, sample_with};

#[test]
fn librdkafka_knows_each_name_of_the_table() {
    // A value that no config takes: of a name that it does not know it says so.
    let unknown = |name: &str| {
        let made = ClientConfig::new().set(name, "\u{1}").create_native_config();
        made.is_err_and(|error| error.to_string().contains("No such configuration property"))
    };
    let missing: Vec<_> = names(Library::Librdkafka).filter(|name| unknown(name)).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert!(unknown("buffer.memory"));
}

#[test]
fn librdkafka_takes_each_config_that_is_printed_for_it() {
    let workspace = sample_with(None);
    for (service, kind) in [("ingest-gateway", ClientKind::Producer), ("normalizer", ClientKind::Consumer)] {
        let config = config_of(&workspace, "production", service);
        let choice = Choice { kind: Some(kind), group: None };
        let text = render(&config, choice, ClientFormat::Librdkafka).expect("it can be said");
        let mut made = ClientConfig::new();
        for (key, value) in text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')) {
            made.set(key, value);
        }
        assert!(made.create_native_config().is_ok(), "{text}");
    }
}
