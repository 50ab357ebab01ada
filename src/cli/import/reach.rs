use crate::cli::error::CommandError;
use crate::cli::login_args::{LoginArgs, secret};
use crate::resources::cluster::{Reach, ReachRegistry};
use crate::resources::scaffold::{NoScaffold, broker_address};

/// How a cluster is reached that has no manifest yet. Secrets are references: env:NAME, file:PATH or vault:PATH#FIELD.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "A cluster without a manifest")]
pub struct ReachArgs {
    /// Brokers to ask first, HOST:PORT. Several are divided by commas
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', env = "BUSCTL_BOOTSTRAP")]
    bootstrap: Vec<String>,

    #[command(flatten)]
    login: LoginArgs,

    /// The schema registry: the base of its Confluent API
    #[arg(long, value_name = "URL", env = "BUSCTL_REGISTRY")]
    registry: Option<String>,

    /// The user of the registry
    #[arg(long, value_name = "NAME", requires = "registry")]
    registry_username: Option<String>,

    /// The password of the registry
    #[arg(long, value_name = "SECRET", requires = "registry_username")]
    registry_password: Option<String>,
}

/// What messages about connections say of manifests, and the options that stand for it where there is no manifest yet. Longer
/// texts stand before those that are a part of them.
const IN_OPTIONS: &[(&str, &str)] = &[
    ("add `sasl:` or `tls:` to the cluster's `connection`", "give --sasl or --tls"),
    ("add `sasl:`, or `tls.certificate` and `tls.key`", "give --sasl, or --certificate and --key"),
    ("add `tls:` to the cluster's `connection`", "give --tls"),
    ("remove `sasl:` from the cluster's `connection`", "leave --sasl out"),
    ("remove `tls:` from the cluster's `connection`", "leave --tls and the other options of TLS out"),
    ("remove `tls:`", "leave --tls and the other options of TLS out"),
    ("`connection.tls` and `connection.sasl`", "the options of TLS and SASL"),
    ("`tls:` in the cluster's `connection`", "the options of TLS"),
    (" that the certificate names, or set `tls.server_name`", " that the certificate names"),
    ("set `tls.certificate` and `tls.key` to", "give --certificate and --key,"),
    ("set `tls.certificate` and `tls.key`", "give --certificate and --key"),
    ("set `tls.ca` to", "give --ca with"),
    ("set `sasl.mechanism` to", "give --sasl with"),
    ("`connection.bootstrap`", "--bootstrap"),
    ("`connection.sasl`", "--username and --password"),
    ("`auth` of the registry: user, password or token", "--registry-username and --registry-password"),
    ("the registry's `url`", "--registry"),
    ("that its `url` has", "that --registry has"),
];

/// A message about a cluster without a manifest in the words of the command line. Places in the manifest that it was connected by
/// are of no use: nobody has it.
pub fn in_options(message: &str) -> String {
    let is_place = |place: &&str| {
        let parts: Vec<&str> = place.rsplitn(3, ':').collect();
        matches!(&parts[..], [column, line, file] if file.starts_with("clusters/")
            && [column, line].iter().all(|number| number.parse::<u32>().is_ok()))
    };
    let message = match message.split_once(": ") {
        Some((place, rest)) if is_place(&place) => rest,
        _ => message,
    };
    IN_OPTIONS.iter().fold(message.to_owned(), |text, (written, option)| text.replace(written, option))
}

impl ReachArgs {
    /// The same, its secrets taken for references.
    pub fn reach(&self) -> Result<Reach, CommandError> {
        let refused = |none: NoScaffold| CommandError::usage(format!("--bootstrap: {none}")).hint(none.help);
        self.bootstrap.iter().try_for_each(|address| broker_address(address)).map_err(refused)?;
        let password = secret("--registry-password", self.registry_password.as_ref())?;
        let username = self.registry_username.clone();
        let registry = |url: &String| ReachRegistry { url: url.clone(), username, password };
        Ok(Reach {
            bootstrap: self.bootstrap.clone(),
            tls: self.login.tls()?,
            sasl: self.login.sasl()?,
            registry: self.registry.as_ref().map(registry),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_options_in_place_of_keys_and_no_file_that_nobody_has() {
        let cases = [
            (
                "the listener probably expects SASL or TLS: add `sasl:` or `tls:` to the cluster's `connection`",
                "the listener probably expects SASL or TLS: give --sasl or --tls",
            ),
            (
                "nothing listens there: check host and port in `connection.bootstrap`, and that the brokers run",
                "nothing listens there: check host and port in --bootstrap, and that the brokers run",
            ),
            (
                "clusters/live.yaml:5:56: the variable KAFKA_PASSWORD is not set",
                "the variable KAFKA_PASSWORD is not set",
            ),
            ("could not connect: refused", "could not connect: refused"),
        ];
        for (message, said) in cases {
            assert_eq!(in_options(message), said);
        }
    }
}
