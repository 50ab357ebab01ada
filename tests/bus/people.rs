//! People who log in at a real issuer, and whom systems take them for.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::sample::{apply, assert_settled, connect, workspace};
use crate::server::bus;
use crate::support::secured::{RULES, Secured, secured};
use crate::support::workspace::{Run, Running, Scratch, assert_valid, start};

struct Person<'s> {
    scratch: &'s Scratch,
    state: PathBuf,
}

impl Person<'_> {
    fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.scratch.command(arguments);
        command.env("BUSCTL_STATE_DIR", &self.state);
        start(command)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).wait()
    }

    /// Logs in; `decides` is told the code that the person is to type.
    fn log_in(&self, decides: impl FnOnce(&str)) -> Run {
        let mut running = self.start(&["login"]);
        running.wait_until_it_says("Waiting");
        let said = running.said();
        let code = said.lines().skip_while(|line| !line.contains("type the code")).nth(1).unwrap().trim().to_owned();
        assert!(said.contains(&format!("?user_code={code}")), "{said}");
        decides(&code);
        running.wait()
    }

    /// The file that keeps the login.
    fn kept(&self) -> Option<PathBuf> {
        let mut files = std::fs::read_dir(self.state.join("logins")).ok()?.map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "json"))
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn of_people(secured: &Secured) -> String {
    secured.tokens(&secured.login())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_and_is_known_until_he_logs_out() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "people");
    secured.equip(&scratch);
    connect(&scratch, "people", &of_people(&secured));
    let person = Person { scratch: &scratch, state: scratch.path("state") };

    person.run(&["plan"]).ended(1).says(&["nobody has logged in here", "busctl login"]);
    let refused = person.log_in(|code| secured.issuer.refuse(code)).ended(1).says(&["refused"]);
    assert!(refused.out.is_empty() && person.kept().is_none(), "{}", refused.out);

    let told = person.log_in(|code| secured.issuer.agree(code, "ada")).ended(0).shows(&["as ada", &secured.issuer.url]);
    let file = person.kept().expect("it is kept");
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let secrets = ["access_token", "refresh_token"].map(|key| kept[key].as_str().unwrap().to_owned());
    let whoami = person.run(&["whoami"]).ended(0).shows(&["cluster/main  User:ada", "derived from the claim `sub`"]);
    for secret in &secrets {
        assert!(!format!("{told:?}{whoami:?}").contains(secret));
    }
    person.run(&["plan", "--detailed-exitcode"]).ended(2);

    // The token is over, and the next one is fetched with what the issuer gave for that, which is good once.
    let mut over = kept.clone();
    over["expires"] = over["granted"].clone();
    std::fs::write(&file, over.to_string()).unwrap();
    let both = [person.start(&["whoami"]), person.start(&["whoami"])];
    for run in both {
        run.wait().ended(0).shows(&["User:ada"]);
    }
    assert_eq!(mode(&file), 0o600);
    let now: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_ne!(now["refresh_token"], kept["refresh_token"]);

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    person.run(&["plan"]).ended(1).says(&["others than its owner may use it", "0644"]);
    person.run(&["logout"]).ended(0).shows(&["logged out of"]);
    assert!(person.kept().is_none());
    person.run(&["logout"]).ended(0).shows(&["nobody was logged in"]);
    person.run(&["plan"]).ended(1).says(&["nobody has logged in here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_logged_in_is_himself_where_a_pipeline_is_the_machine() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "either");
    secured.equip(&scratch);
    let machine = secured.credentials("busctl").replace("file:secret", "env:MACHINE_SECRET");
    connect(&scratch, "either", &secured.tokens(&format!("{machine}, {}", secured.login())));
    let person = Person { scratch: &scratch, state: scratch.path("state") };
    // Nobody has logged in: the machine's secret is needed.
    person.run(&["whoami"]).ended(1).shows(&["MACHINE_SECRET", "busctl login"]);
    person.run(&["plan"]).ended(1).says(&["MACHINE_SECRET", "or log in yourself: `busctl login`"]);
    let mut command = scratch.command(&["whoami"]);
    command.env("BUSCTL_STATE_DIR", &person.state).env("MACHINE_SECRET", crate::support::issuer::MACHINE_SECRET);
    start(command).wait().ended(0).shows(&["User:busctl"]);
    person.log_in(|code| secured.issuer.agree(code, "ada")).ended(0);
    let whoami = person.run(&["whoami", "--format", "json"]).ended(0).shows(&["\"User:ada\""]);
    assert_valid("whoami.schema.json", &whoami.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_principal_of_a_certificate_is_what_the_brokers_make_of_it() {
    let bus = bus().await;
    let Some(secured) = secured().await else { return };
    let scratch = workspace(bus, "subject");
    secured.equip(&scratch);
    let client = secured.server.authority.issue("BusCtl");
    connect(&scratch, "subject", &secured.mutual(&client.keystore));
    scratch.edit(
        "clusters/main.yaml",
        "authorizer: standard",
        &format!("authorizer: standard, config: {{ ssl.principal.mapping.rules: '{RULES}' }}"),
    );
    let told = ["cluster/main  User:busctl", "subject CN=BusCtl by ssl.principal.mapping.rules (clusters/main.yaml:"];
    scratch.run(&["whoami"]).ended(0).shows(&told);
    // The brokers take it for the same: a super user, who may apply.
    scratch.edit("clusters/main.yaml", &format!(", config: {{ ssl.principal.mapping.rules: '{RULES}' }}"), "");
    apply(&scratch);
    assert_settled(&scratch);
    scratch.run(&["whoami"]).ended(0).shows(&["User:CN=BusCtl", "declares no ssl.principal.mapping.rules"]);
}
