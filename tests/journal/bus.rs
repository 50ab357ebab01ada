//! A broker of each protocol, started once for all tests of this binary.

use std::path::PathBuf;
use std::time::Duration;

use busctl::adapters::kafka::{KafkaClient, KafkaJournal};
use busctl::localbus::progress::Silent;
use busctl::localbus::{ADMIN, BusSpec, EphemeralBus, Host};
use busctl::model::{Address, Risk, Timestamp};
use busctl::plan::{Action, FieldChange, FieldValue};
use busctl::ports::connection::{Connection, Login, Sasl};
use busctl::ports::journal::{Event, FORMAT_VERSION, HeldJournal, Holder, Journal, Origin, Phase, new_topics};
use busctl::ports::kafka::KafkaAdmin;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// Below the session timeout of the brokers here, as the tool's own is below that of real ones.
pub const LEASE: Duration = Duration::from_secs(4);

/// The shortest session that a group of the newer protocol can be given.
pub const SESSION: Duration = Duration::from_secs(6);

/// One who may do to the lock and the record what `apply` needs, and no more.
pub const APPLIER: &str = "applier";

/// One who may read the record.
pub const AUDITOR: &str = "auditor";

/// A cluster has one lock, so one test has it at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// A broker whose topics for the lock and the record are made.
pub struct Bus {
    bus: EphemeralBus,
}

/// A client of a bus, alone with it.
pub struct Alone {
    pub bus: &'static Bus,
    pub client: KafkaClient,
    _turn: MutexGuard<'static, ()>,
}

/// Alone with a broker that serves the newer protocol.
pub async fn newer() -> Alone {
    static BUS: OnceCell<Bus> = OnceCell::const_new();
    alone(BUS.get_or_init(|| start("4.3.1")).await).await
}

/// Alone with a broker that does not.
pub async fn classic() -> Alone {
    static BUS: OnceCell<Bus> = OnceCell::const_new();
    alone(BUS.get_or_init(|| start("3.9.1")).await).await
}

async fn alone(bus: &'static Bus) -> Alone {
    let turn = TURN.lock().await;
    let client = KafkaClient::connect(bus.connection()).await.unwrap();
    // The test before may have killed a holder: the group is to have given it up.
    let held = journal(&client).acquire(&holder("janitor"), Duration::from_secs(60)).await.unwrap();
    held.release().await.unwrap();
    Alone { bus, client, _turn: turn }
}

async fn start(version: &str) -> Bus {
    let mut spec = BusSpec::with_logins([APPLIER, AUDITOR].map(str::to_owned).to_vec());
    spec.kafka_version = version.parse().unwrap();
    spec.registry_version = None;
    if version.starts_with('4') {
        let millis = SESSION.as_millis().to_string();
        for (name, value) in [
            ("group.consumer.min.session.timeout.ms", millis.as_str()),
            ("group.consumer.session.timeout.ms", millis.as_str()),
            ("group.consumer.min.heartbeat.interval.ms", "1000"),
            ("group.consumer.heartbeat.interval.ms", "1000"),
        ] {
            spec.properties.insert(name.to_owned(), value.to_owned());
        }
    }
    let bus = EphemeralBus::start(&Host::from_environment().unwrap(), "journal", &spec, &Silent).await.unwrap();
    let bus = Bus { bus };
    let client = KafkaClient::connect(bus.connection()).await.unwrap();
    for created in client.create_topics(&new_topics(1), false).await {
        created.unwrap();
    }
    bus
}

impl Bus {
    /// How the administrator reaches it.
    pub fn connection(&self) -> Connection {
        self.connection_of(ADMIN)
    }

    /// How a login reaches it.
    pub fn connection_of(&self, name: &str) -> Connection {
        let access = self.bus.access();
        let login = access.secrets.login(name).unwrap();
        connection(&access.bootstrap, &login.name, login.password.expose())
    }

    /// Where the broker answers, and the file with the password of a login.
    pub fn place(&self, name: &str) -> (String, PathBuf) {
        let access = self.bus.access();
        (access.bootstrap.clone(), access.secrets.file(name))
    }
}

/// A connection with a login.
pub fn connection(bootstrap: &str, username: &str, password: &str) -> Connection {
    Connection {
        bootstrap: vec![bootstrap.to_owned()],
        tls: None,
        sasl: Some(Sasl::Plain(Login {
            username: username.to_owned(),
            password: busctl::model::Secret::new(password),
        })),
        timeout: Duration::from_secs(30),
    }
}

/// The journal of a cluster, with the lease of the tests.
pub fn journal(client: &KafkaClient) -> KafkaJournal<'_> {
    KafkaJournal::new(client).with_lease(LEASE)
}

/// An apply that wants the lock.
pub fn holder(apply_id: &str) -> Holder {
    Holder { format_version: FORMAT_VERSION, apply_id: apply_id.to_owned(), origin: origin(), since: now() }
}

/// The moment.
pub fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::of_unix_millis(since.as_millis() as i64)
}

/// The beginning of an apply.
pub fn began(apply_id: &str) -> Event {
    Event::of_apply(apply_id, Phase::Began, now(), origin(), "sha256:plan")
}

/// The intent to change the retention of a topic.
pub fn intent(apply_id: &str, topic: &str) -> Event {
    Event {
        phase: Phase::Intent,
        address: Some(Address::topic(topic)),
        action: Some(Action::Update),
        risk: Some(Risk::Safe),
        fields: vec![FieldChange {
            field: "config.retention.ms".to_owned(),
            before: Some(FieldValue::shown("86400000", "1d")),
            after: Some(FieldValue::shown("172800000", "2d")),
            place: None,
        }],
        ..began(apply_id)
    }
}

fn origin() -> Origin {
    let commit = Some("e9150a2".to_owned());
    Origin { who: "ada".to_owned(), host: "ci-7".to_owned(), pid: std::process::id(), commit, dirty: false }
}
