//! Brings a bus up: from nothing, from data on disk, from a crash, or from a bus that runs already.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::bus::{BusSpec, LocalBus, Server, stop};
use super::connection::{self, Access};
use super::error::{LocalBusError, Result};
use super::host::Host;
use super::kafka::{self, ClientSecurity, ClusterAnswer, Kafka, Listener, Logins, Node, Security, Voter};
use super::process::ProcessMark;
use super::progress::Progress;
use super::registry::{self, Registry, RegistryPorts};
use super::secrets::{ADMIN, Login, write_private};
use super::state::{KafkaState, Process, RegistryState, StateFile};
use super::{logs, ports};

/// How often a server is started again on other ports when somebody else took one between the choice and the start.
const PORT_ATTEMPTS: usize = 3;

/// One run of `up`, which holds the lock of the bus.
pub(super) struct Up<'a> {
    pub bus: &'a LocalBus,
    pub host: &'a Host,
    pub spec: &'a BusSpec,
    pub progress: &'a dyn Progress,
    pub started: &'a (dyn Fn(u32) + Sync),
    pub state: StateFile,
}

impl Up<'_> {
    pub(super) async fn run(&self) -> Result<Access> {
        self.refuse_data_of_other_versions()?;
        let logins = self.bus.secrets().ensure(&self.spec.logins)?;
        let mut kafka = Kafka::obtain(self.host, &self.spec.kafka_version, self.progress).await?;
        kafka.heap_mib = self.spec.kafka_heap_mib;
        let registry = match &self.spec.registry_version {
            Some(version) => Some(Registry::obtain(self.host, version, self.progress).await?),
            None => None,
        };
        let (answer, registry_port) = tokio::try_join!(self.kafka(&kafka, &logins), async {
            match &registry {
                Some(registry) => self.registry(registry).await.map(Some),
                None => self.stop_registry().await.map(|()| None),
            }
        })?;
        let (cluster_id, port) = answer;
        let access = self.bus.access_to(cluster_id, port, registry_port);
        write_private(&access.connection_file, access.document().as_bytes())?;
        Ok(access)
    }

    /// A server never opens data of a later version, and the registry's two major versions cannot read each other's.
    fn refuse_data_of_other_versions(&self) -> Result<()> {
        let state = self.state.get();
        let refuse = |server, of: Server, have: &super::Version, wanted: &super::Version| {
            Err(LocalBusError::OtherData {
                server,
                path: self.bus.data(of),
                have: have.to_string(),
                wanted: wanted.to_string(),
            })
        };
        let wanted = &self.spec.kafka_version;
        if let Some(have) = state.kafka.map(|kafka| kafka.version).filter(|have| have > wanted) {
            return refuse("Kafka", Server::Kafka, &have, wanted);
        }
        if let (Some(have), Some(wanted)) = (state.registry.map(|it| it.version), &self.spec.registry_version)
            && (have > *wanted || have.major() != wanted.major())
        {
            return refuse("Apicurio Registry", Server::Registry, &have, wanted);
        }
        Ok(())
    }

    async fn kafka(&self, kafka: &Kafka, logins: &[Login]) -> Result<(String, u16)> {
        let before = self.state.get().kafka;
        let directory = self.bus.data(Server::Kafka);
        let cluster_id = match kafka::cluster_id_of(&directory)? {
            Some(id) => id,
            None => kafka::new_cluster_id()?,
        };
        if let Some(before) = &before
            && let Some(running) = before.process.clone().filter(|process| process.mark.is_alive())
        {
            let node = self.node(&cluster_id, before.port, before.controller_port, logins);
            if before.version == kafka.version && before.configuration == digest(&node) {
                match self.until_kafka_answers(kafka, before.port, logins, &running.mark).await {
                    // It was about to end; that is as if it had ended before.
                    Err(LocalBusError::EndedEarly { .. }) => {}
                    answer => return Ok((answer?.cluster_id, before.port)),
                }
            } else {
                self.progress.note(&format!("{}; restarting Kafka, its data stays", self.what_changed(before)));
                stop(Server::Kafka, Some(running), kafka::STOP_GRACE, self.progress).await?;
            }
        }
        let mut preferred = before.map_or([None, None], |before| [Some(before.port), Some(before.controller_port)]);
        let mut attempt = 1;
        loop {
            let [port, controller_port] = ports::choose(preferred)?;
            let node = self.node(&cluster_id, port, controller_port, logins);
            match self.start_kafka(kafka, &node, [port, controller_port], logins).await {
                Err(error) if attempt < PORT_ATTEMPTS && lost_a_port(&error) => {}
                answer => return Ok((answer?.cluster_id, port)),
            }
            preferred = [None, None];
            attempt += 1;
        }
    }

    fn node(&self, cluster_id: &str, port: u16, controller_port: u16, logins: &[Login]) -> Node {
        let mut node = node(cluster_id, port, controller_port, logins);
        node.properties.extend(self.spec.properties.clone());
        node
    }

    async fn start_kafka(
        &self,
        kafka: &Kafka,
        node: &Node,
        [port, controller_port]: [u16; 2],
        logins: &[Login],
    ) -> Result<ClusterAnswer> {
        let step = self.progress.step(&format!("starting Kafka {}", kafka.version));
        let directory = self.bus.data(Server::Kafka);
        kafka.prepare(node, &directory).await?;
        let mark = kafka.start(&directory, &self.bus.log(Server::Kafka))?;
        (self.started)(mark.pid);
        let remembered = KafkaState {
            version: kafka.version.clone(),
            port,
            controller_port,
            logins: names(logins),
            configuration: digest(node),
            cluster_id: None,
            process: Some(Process::now(mark.clone())),
        };
        self.state.change(|state| state.kafka = Some(remembered))?;
        match self.until_kafka_answers(kafka, port, logins, &mark).await {
            Ok(answer) => {
                step.done(&format!("Kafka {} answers at {}", kafka.version, connection::bootstrap(port)));
                Ok(answer)
            }
            Err(error) => {
                self.give_up(Server::Kafka, &mark, kafka::STOP_GRACE).await;
                Err(error)
            }
        }
    }

    async fn until_kafka_answers(
        &self,
        kafka: &Kafka,
        port: u16,
        logins: &[Login],
        process: &ProcessMark,
    ) -> Result<ClusterAnswer> {
        let server = format!("Kafka {}", kafka.version);
        let admin = ClientSecurity::SaslPlaintext(logins[0].clone());
        let log = self.bus.log(Server::Kafka);
        let bootstrap = connection::bootstrap(port);
        let answer = kafka::wait_until_ready(&server, &bootstrap, &admin, 1, process, &log, self.spec.patience).await?;
        self.state.change(|state| {
            if let Some(kafka) = &mut state.kafka {
                kafka.cluster_id = Some(answer.cluster_id.clone());
            }
        })?;
        Ok(answer)
    }

    async fn registry(&self, registry: &Registry) -> Result<u16> {
        let before = self.state.get().registry;
        if let Some(before) = &before
            && let Some(running) = before.process.clone().filter(|process| process.mark.is_alive())
        {
            if before.version == registry.version {
                match self.until_registry_answers(registry, before.port, &running.mark).await {
                    Err(LocalBusError::EndedEarly { .. }) => {}
                    answer => return answer.map(|()| before.port),
                }
            } else {
                self.progress.note(&format!(
                    "the registry's version has changed from {} to {}; restarting it, its data stays",
                    before.version, registry.version
                ));
                stop(Server::Registry, Some(running), registry::STOP_GRACE, self.progress).await?;
            }
        }
        let mut preferred = before.map_or([None, None], |before| [Some(before.port), Some(before.management_port)]);
        let mut attempt = 1;
        loop {
            let [http, management] = ports::choose(preferred)?;
            match self.start_registry(registry, RegistryPorts { http, management }).await {
                Err(error) if attempt < PORT_ATTEMPTS && lost_a_port(&error) => {}
                started => return started.map(|()| http),
            }
            preferred = [None, None];
            attempt += 1;
        }
    }

    async fn start_registry(&self, registry: &Registry, ports: RegistryPorts) -> Result<()> {
        let step = self.progress.step(&format!("starting Apicurio Registry {}", registry.version));
        let mark = registry.start(&self.bus.data(Server::Registry), ports, &self.bus.log(Server::Registry))?;
        (self.started)(mark.pid);
        let remembered = RegistryState {
            version: registry.version.clone(),
            port: ports.http,
            management_port: ports.management,
            process: Some(Process::now(mark.clone())),
        };
        self.state.change(|state| state.registry = Some(remembered))?;
        match self.until_registry_answers(registry, ports.http, &mark).await {
            Ok(()) => {
                step.done(&format!("Apicurio Registry {} answers at {}", registry.version, registry::url(ports.http)));
                Ok(())
            }
            Err(error) => {
                self.give_up(Server::Registry, &mark, registry::STOP_GRACE).await;
                Err(error)
            }
        }
    }

    async fn until_registry_answers(&self, registry: &Registry, port: u16, process: &ProcessMark) -> Result<()> {
        let server = format!("Apicurio Registry {}", registry.version);
        let log = self.bus.log(Server::Registry);
        registry::wait_until_ready(&server, port, process, &log, self.spec.patience).await
    }

    /// A bus without a registry was asked for; one that still runs from an earlier start is stopped.
    async fn stop_registry(&self) -> Result<()> {
        let process = self.state.get().registry.and_then(|registry| registry.process);
        stop(Server::Registry, process, registry::STOP_GRACE, self.progress).await?;
        self.state.change(|state| {
            if let Some(registry) = &mut state.registry {
                registry.process = None;
            }
        })
    }

    /// Leaves no server behind that runs and does not answer. The error that led here is the one to tell; where the
    /// server cannot even be stopped, the state still holds it and `down` will say so.
    async fn give_up(&self, server: Server, mark: &ProcessMark, grace: Duration) {
        let process = Process::now(mark.clone());
        let _ = stop(server, Some(process), grace, self.progress).await;
    }

    fn what_changed(&self, before: &KafkaState) -> String {
        let wanted = &self.spec.kafka_version;
        if before.version != *wanted {
            return format!("the version of Kafka has changed from {} to {wanted}", before.version);
        }
        let list = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let is_new = |name: &&String| !before.logins.contains(name) && *name != ADMIN;
        let is_gone = |name: &&String| !self.spec.logins.contains(name);
        let added = list(self.spec.logins.iter().filter(is_new).collect());
        let removed = list(before.logins.iter().filter(is_gone).collect());
        match (added.as_str(), removed.as_str()) {
            ("", "") => "the configuration of Kafka has changed".to_owned(),
            (added, "") => format!("new logins: {added}"),
            ("", removed) => format!("logins that are gone: {removed}"),
            (added, removed) => format!("new logins: {added}; logins that are gone: {removed}"),
        }
    }
}

/// The one node of a local bus. Also the broker and its controller log in as the administrator, so that nobody who
/// comes without a login can do anything.
fn node(cluster_id: &str, port: u16, controller_port: u16, logins: &[Login]) -> Node {
    let listener = |name: &str, port, all: &[Login]| Listener {
        name: name.to_owned(),
        port,
        security: Security::SaslPlaintext(Logins { own: logins[0].clone(), all: all.to_vec() }),
    };
    let properties = [
        // A topic exists when the workspace says so, not when somebody mistypes its name.
        ("auto.create.topics.enable", "false"),
        // Nobody waits here for a second member of a group.
    ];
    Node {
        id: 1,
        cluster_id: cluster_id.to_owned(),
        rack: None,
        voters: vec![Voter { id: 1, port: controller_port }],
        controller: listener("CONTROLLER", controller_port, &logins[..1]),
        listeners: vec![listener("CLIENT", port, logins)],
        authorizer: true,
        super_users: vec![format!("User:{ADMIN}")],
        internal_replicas: 1,
        properties: properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn names(logins: &[Login]) -> Vec<String> {
    logins[1..].iter().map(|login| login.name.clone()).collect()
}

fn digest(node: &Node) -> String {
    Sha256::digest(node.server_properties()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a server ended because a port was taken after all.
fn lost_a_port(error: &LocalBusError) -> bool {
    let LocalBusError::EndedEarly { log, .. } = error else {
        return false;
    };
    let told = |line: &String| line.contains("Address already in use") || line.contains("already bound");
    logs::tail(&log.path, 500).is_ok_and(|lines| lines.iter().any(told))
}
