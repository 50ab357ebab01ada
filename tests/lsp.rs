//! The language server in a session with a client: one process, messages through its standard input and output.

#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use support::workspace::{Scratch, busctl};

/// No answer takes so long: one that does never comes.
const HANGS: Duration = Duration::from_secs(100);

struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    asked: i32,
    /// The findings of each file that the server told last.
    findings: BTreeMap<String, Vec<Value>>,
    logged: Vec<String>,
}

impl Client {
    fn start(folder: &Path) -> Self {
        let mut command = busctl();
        command.args(["lsp", "--stdio"]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            loop {
                let mut length = 0;
                loop {
                    let mut line = String::new();
                    if output.read_line(&mut line).unwrap() == 0 {
                        return;
                    }
                    match line.trim_end().split_once(": ") {
                        Some(("Content-Length", value)) => length = value.parse().unwrap(),
                        _ if line == "\r\n" => break,
                        _ => panic!("a strange header: {line:?}"),
                    }
                }
                let mut body = vec![0; length];
                output.read_exact(&mut body).unwrap();
                let message: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(message["jsonrpc"], "2.0");
                sender.send(message).unwrap();
            }
        });
        let input = child.stdin.take();
        Self { child, input, messages, asked: 0, findings: BTreeMap::new(), logged: Vec::new() }
    }

    /// Starts it in a workspace and initializes it.
    fn open(scratch: &Scratch, encodings: &[&str]) -> Self {
        let mut client = Self::start(scratch.root());
        let capabilities = json!({ "general": { "positionEncodings": encodings } });
        let params = json!({ "processId": null, "rootUri": uri(scratch, ""), "capabilities": capabilities });
        let answer = client.ask("initialize", params);
        assert_eq!(answer["serverInfo"]["name"], "busctl");
        client.tell("initialized", json!({}));
        client
    }

    fn raw(&mut self, body: &str) {
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        input.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.raw(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string());
    }

    fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(HANGS).expect("the server says something");
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let uri = message["params"]["uri"].as_str().unwrap().to_owned();
                self.findings.insert(uri, message["params"]["diagnostics"].as_array().unwrap().clone());
            }
            Some("window/logMessage") => {
                self.logged.push(message["params"]["message"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        message
    }

    /// The answer to a request: its result, or its error.
    fn ask_for_all(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.raw(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
        loop {
            let message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask_for_all(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn code_of(&mut self, method: &str, params: Value) -> i64 {
        self.ask_for_all(method, params)["error"]["code"].as_i64().unwrap()
    }

    /// Waits until the findings of a file have these codes.
    fn wait_for(&mut self, uri: &str, codes: &[&str]) -> Vec<Value> {
        self.wait_until(uri, |found| found == codes)
    }

    /// Waits until the codes of the findings of a file are as they should be.
    fn wait_until(&mut self, uri: &str, is_it: impl Fn(&[&str]) -> bool) -> Vec<Value> {
        loop {
            let found = self.findings.get(uri).cloned().unwrap_or_default();
            let codes: Vec<_> = found.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
            if is_it(&codes) {
                return found;
            }
            self.next();
        }
    }

    fn did_open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn edit(&mut self, uri: &str, version: i32, change: Value) {
        let document = json!({ "uri": uri, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    }

    fn at(&mut self, question: &str, uri: &str, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        let context = json!({ "includeDeclaration": true });
        let params = json!({ "textDocument": { "uri": uri }, "position": position, "context": context });
        self.ask(&format!("textDocument/{question}"), params)
    }

    fn ends(mut self) -> ExitStatus {
        self.input = None;
        self.child.wait().unwrap()
    }

    fn shut_down(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.ends().code(), Some(0));
    }
}

fn uri(scratch: &Scratch, path: &str) -> String {
    let root = fs::canonicalize(scratch.root()).unwrap();
    format!("file://{}", root.join(path).display())
}

const TOPIC: &str = "topics/shop/shop.order_placed.v1.yaml";
const GRANTS: &str = "acls/checkout.yaml";

const MANIFEST: &str = "topic: shop.order_placed.v1
class: raw
description: One record for each order that was accepted.
key: order_id
producers: [checkout]
consumers: [invoicing]
retention_rationale: Thirty days let invoices be made again.
change_request: CR-1
";

fn shop() -> Scratch {
    Scratch::with(&[
        (
            "busctl.yaml",
            "version: 1\nrules: { BUS111: off, BUS113: off }\nclasses: { raw: { cleanup: [delete], retention: 30d } }\n",
        ),
        (
            "clusters/dev.yaml",
            "cluster: dev\nenvironment: dev\ndefaults: { replication_factor: 3, min_insync_replicas: 2 }\n",
        ),
        (
            "catalog/all.yaml",
            "domains: { shop: { owner: shop } }\n\
             services: { checkout: { owner: shop }, invoicing: { owner: shop } }\n\
             teams: { shop: { contacts: { chat: \"#shop\" } } }\n",
        ),
        (TOPIC, MANIFEST),
        (GRANTS, "service: checkout\nproduces: [shop.order_placed.v1]\n"),
        ("acls/invoicing.yaml", "service: invoicing\nconsumes: [shop.order_placed.v1]\n"),
    ])
}

#[test]
fn findings_come_and_go_with_what_is_typed() {
    let scratch = shop();
    let mut client = Client::open(&scratch, &["utf-16"]);
    let topic = uri(&scratch, TOPIC);
    client.did_open(&topic, MANIFEST);
    let of_settings: Vec<String> = client.findings.values().flatten().map(Value::to_string).collect();
    assert!(of_settings.is_empty(), "{of_settings:?}");

    let range = json!({ "start": { "line": 1, "character": 7 }, "end": { "line": 1, "character": 10 } });
    client.edit(&topic, 2, json!({ "range": range, "text": "rwa" }));
    let found = client.wait_for(&topic, &["BUS009"]);
    assert_eq!(found[0]["range"], range);
    assert_eq!((&found[0]["severity"], &found[0]["source"]), (&json!(1), &json!("busctl")));
    assert!(found[0]["message"].as_str().unwrap().contains("did you mean `raw`?"), "{found:?}");

    // The same text goes back in, and then something that is no YAML.
    client.edit(&topic, 3, json!({ "range": range, "text": "raw" }));
    client.wait_for(&topic, &[]);
    let end = json!({ "start": { "line": 8, "character": 0 }, "end": { "line": 8, "character": 0 } });
    client.edit(&topic, 4, json!({ "range": end, "text": "config: { retention.ms: " }));
    client.wait_for(&topic, &["BUS001"]);
    client.edit(&topic, 5, json!({ "text": MANIFEST }));
    client.wait_for(&topic, &[]);

    // What the other side says, in its file, while that is not open.
    client.edit(&topic, 6, json!({ "text": MANIFEST.replace("producers: [checkout]\n", "producers: []\n") }));
    let grants = uri(&scratch, GRANTS);
    loop {
        client.next();
        if client.findings.get(&grants).is_some_and(|found| !found.is_empty()) {
            break;
        }
    }
    // Closed, the file is again what the disk has.
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": topic } }));
    client.wait_for(&grants, &[]);
    client.wait_for(&topic, &[]);
    client.shut_down();
}

#[test]
fn findings_are_those_of_validate() {
    let scratch = shop();
    scratch.write("topics/bad.yaml", "topic: shop.bad\nclass: none\npartitons: 3\n");
    scratch.write(GRANTS, "service: checkout\nproduces: [shop.order_placed.v2]\n");
    scratch.write(
        "busctl.yaml",
        "version: 1\nwaivers: [{ code: BUS999, resource: topic/a, reason: x, expires: 2030-01-01 }]\n",
    );
    let run = scratch.run(&["validate", "--format", "json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let level = |level: &Value| ["error", "warn", "info"].iter().position(|known| level == known).unwrap() + 1;
    let expected: BTreeSet<String> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let (place, message) = (&finding["place"], finding["message"].as_str().unwrap());
            let file = uri(&scratch, place["file"].as_str().unwrap());
            let line = place["line"].as_u64().unwrap() - 1;
            let cluster = finding["cluster"].as_str().map(|cluster| format!(" (on {cluster})")).unwrap_or_default();
            format!("{file} {line} {} {} {message}{cluster}", finding["code"], level(&finding["level"]))
        })
        .collect();
    assert!(expected.len() > 5, "{expected:?}");
    let mut client = Client::open(&scratch, &[]);
    loop {
        client.next();
        let told =
            client.findings.iter().flat_map(|(file, findings)| findings.iter().map(move |finding| (file, finding)));
        let told: BTreeSet<String> = told
            .map(|(file, finding)| {
                let message = finding["message"].as_str().unwrap();
                let line = &finding["range"]["start"]["line"];
                let first = message.lines().next().unwrap();
                format!("{file} {line} {} {} {first}", finding["code"], finding["severity"])
            })
            .collect();
        if told.len() >= expected.len() {
            assert_eq!(told, expected);
            break;
        }
    }
    client.shut_down();
}

#[test]
fn hover_completion_definition_and_references() {
    let scratch = shop();
    let mut client = Client::open(&scratch, &["utf-8", "utf-16"]);
    let (topic, grants) = (uri(&scratch, TOPIC), uri(&scratch, GRANTS));
    client.did_open(&topic, MANIFEST);
    let hover = client.at("hover", &topic, 1, 8);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("| `dev` | `retention.ms` | `30d` | class, `busctl.yaml:3` |"), "{text}");
    assert_eq!(hover["range"]["start"], json!({ "line": 1, "character": 7 }));

    let definition = client.at("definition", &topic, 4, 14);
    let places: Vec<_> = definition.as_array().unwrap().iter().map(|place| place["uri"].as_str().unwrap()).collect();
    assert_eq!(places, [uri(&scratch, "catalog/all.yaml").as_str(), grants.as_str()]);
    let references = client.at("references", &topic, 0, 9);
    let places: Vec<_> = references.as_array().unwrap().iter().map(|place| place["uri"].as_str().unwrap()).collect();
    assert_eq!(places, [grants.as_str(), uri(&scratch, "acls/invoicing.yaml").as_str(), topic.as_str()]);

    // Half typed, in a document that no reader of YAML takes.
    client.did_open(&grants, "service: checkout\nproduces: [sh");
    let completion = client.at("completion", &grants, 1, 13);
    let items = completion["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{completion}");
    assert_eq!(items[0]["label"], "shop.order_placed.v1");
    assert_eq!(items[0]["textEdit"]["newText"], "shop.order_placed.v1");
    let start = &items[0]["textEdit"]["range"]["start"];
    assert_eq!(*start, json!({ "line": 1, "character": 11 }));
    assert_eq!(client.at("hover", &topic, 8, 0), Value::Null);
    client.shut_down();
}

#[test]
fn columns_are_counted_as_was_agreed() {
    let scratch = shop();
    let text = format!("# \u{1d11e} ü\n{MANIFEST}")
        .replace("class: raw", "class: rwa")
        .replace("key: order_id", "key: { \u{1d11e}: 1 }");
    for (offered, encoding, end) in [
        (&["utf-16"][..], "utf-16", 12),
        (&["utf-8", "utf-16"], "utf-8", 14),
        (&["utf-32"], "utf-32", 11),
        (&[], "utf-16", 12),
    ] {
        let mut client = Client::start(scratch.root());
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let params = json!({ "rootUri": uri(&scratch, ""), "capabilities": capabilities });
        let answer = client.ask("initialize", params);
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        let topic = uri(&scratch, TOPIC);
        client.did_open(&topic, &text);
        let found = client.wait_for(&topic, &["BUS005"]);
        assert_eq!(found[0]["range"]["end"], json!({ "line": 4, "character": end }), "{encoding}: {found:?}");
        client.shut_down();
    }
}

#[test]
fn what_is_not_understood_is_refused_and_the_session_goes_on() {
    let scratch = shop();
    let mut client = Client::start(scratch.root());
    assert_eq!(client.code_of("textDocument/hover", json!({})), -32002);
    client.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(client.code_of("initialize", json!({ "capabilities": {} })), -32600);
    assert_eq!(client.code_of("textDocument/noSuchThing", json!({})), -32601);
    assert_eq!(client.code_of("textDocument/hover", json!({ "textDocument": 7 })), -32602);
    client.raw("{ this is no JSON");
    assert_eq!(client.next()["error"]["code"], -32700);
    client.raw("[1, 2]");
    assert_eq!(client.next()["error"]["code"], -32700);
    client.tell("$/setTrace", json!({ "value": "off" }));
    client.tell("no/suchThing", json!({}));
    client.tell("textDocument/didOpen", json!({ "textDocument": 7 }));
    client.next();
    assert!(client.logged[0].starts_with("textDocument/didOpen: "), "{:?}", client.logged);
    // Of a file that is not open nothing is known, nor of one that does not exist.
    for file in [uri(&scratch, TOPIC), "untitled:1".to_owned(), "file:///no/such/file.yaml".to_owned()] {
        assert_eq!(client.at("hover", &file, 0, 0), Value::Null);
        client.edit(&file, 2, json!({ "text": "a" }));
    }
    assert_eq!(client.ask("shutdown", Value::Null), Value::Null);
    assert_eq!(client.code_of("textDocument/hover", json!({})), -32600);
    client.tell("exit", Value::Null);
    assert_eq!(client.ends().code(), Some(0));
}

#[test]
fn the_exit_code_says_whether_it_was_asked_to_end() {
    let scratch = shop();
    let mut client = Client::open(&scratch, &[]);
    client.tell("exit", Value::Null);
    assert_eq!(client.ends().code(), Some(1));
    assert_eq!(Client::open(&scratch, &[]).ends().code(), Some(1), "the editor is gone");
    let mut client = Client::open(&scratch, &[]);
    client.input.as_mut().unwrap().write_all(b"what is this\r\n\r\n").unwrap();
    assert_eq!(client.ends().code(), Some(1), "no frame");
}

#[test]
fn files_that_appear_vanish_or_are_no_manifests() {
    let scratch = shop();
    let mut client = Client::open(&scratch, &[]);
    let bad = uri(&scratch, "topics/bad.yaml");
    let changed = json!({ "changes": [{ "uri": bad, "type": 1 }] });
    scratch.write("topics/bad.yaml", "topic: [");
    client.tell("workspace/didChangeWatchedFiles", changed.clone());
    client.wait_for(&bad, &["BUS001"]);
    scratch.remove("topics/bad.yaml");
    client.tell("workspace/didChangeWatchedFiles", changed);
    client.wait_for(&bad, &[]);

    // A file that is not on the disk yet, and one that no manifest may be as large as.
    client.did_open(&bad, "topic: shop.bad.v1\nclas: raw\n");
    client.wait_until(&bad, |codes| codes.contains(&"BUS004"));
    client.edit(&bad, 2, json!({ "text": format!("# {}\n", "x".repeat(2 << 20)) }));
    client.wait_for(&bad, &["BUS002"]);
    client.edit(&bad, 3, json!({ "text": "topic: [\n".repeat(20_000) }));
    client.wait_until(&bad, |codes| codes.contains(&"BUS001"));

    // Files that are read by nobody, within the workspace and outside.
    let outside = tempfile::tempdir().unwrap();
    let outside = format!("file://{}/topics/a.yaml", outside.path().display());
    for file in [uri(&scratch, "notes.yaml"), uri(&scratch, ".github/workflows/ci.yaml"), outside] {
        client.did_open(&file, "topic: [");
        assert_eq!(client.at("completion", &file, 0, 3), Value::Null);
        assert!(!client.findings.contains_key(&file));
    }
    assert!(client.logged.iter().any(|message| message.contains("no busctl.yaml")), "{:?}", client.logged);
    client.shut_down();
}

#[test]
fn a_workspace_may_lie_below_the_folder_that_is_open() {
    let scratch = Scratch::new();
    scratch.remove("busctl.yaml");
    let mut client = Client::open(&scratch, &[]);
    scratch.write("bus/busctl.yaml", "version: 1\n");
    let topic = uri(&scratch, "bus/topics/a.yaml");
    client.did_open(&topic, "topic: [");
    client.wait_for(&topic, &["BUS001"]);
    client.shut_down();
}

/// A text with the edits of one file that a client would make.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |at: &Value| {
        let [line, character] = ["line", "character"].map(|key| at[key].as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        // These texts have no character outside of ASCII before the place.
        start + character
    };
    let mut edits: Vec<_> = edits.as_array().unwrap().iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    let mut text = text.to_owned();
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    text
}

#[test]
fn what_can_be_mended_is_mended_and_what_can_be_waived_is_waived() {
    let scratch = shop();
    let mut client = Client::start(scratch.root());
    let answer = client.ask("initialize", json!({ "rootUri": uri(&scratch, ""), "capabilities": {} }));
    assert_eq!(answer["capabilities"]["codeActionProvider"], json!({ "codeActionKinds": ["quickfix"] }));
    let topic = uri(&scratch, TOPIC);
    let broken = format!(
        "{}config: {{ max.message.bytes: 2097152 }}\n",
        MANIFEST.replace("retention_rationale: Thirty days let invoices be made again.\n", "")
    );
    client.did_open(&topic, &broken);
    client.wait_for(&topic, &["BUS112", "BUS650"]);
    let of = |client: &mut Client, from: (u32, u32), to: (u32, u32), only: Value| {
        let place = |(line, character): (u32, u32)| json!({ "line": line, "character": character });
        let context = json!({ "diagnostics": [], "only": only });
        let range = json!({ "start": place(from), "end": place(to) });
        client.ask(
            "textDocument/codeAction",
            json!({ "textDocument": { "uri": topic }, "range": range, "context": context }),
        )
    };
    let titles = |actions: &Value| -> Vec<String> {
        actions.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap().to_owned()).collect()
    };
    let all = of(&mut client, (0, 0), (9, 0), Value::Null);
    assert_eq!(
        titles(&all),
        [
            "write `2MiB` for `2097152`",
            "write a waiver of BUS112 for topic/shop.order_placed.v1 into busctl.yaml",
            "write a waiver of BUS650 for topic/shop.order_placed.v1 into busctl.yaml",
        ]
    );
    assert!(all.as_array().unwrap().iter().all(|action| action["kind"] == "quickfix"));
    assert_eq!((&all[0]["isPreferred"], &all[0]["diagnostics"][0]["code"]), (&json!(true), &json!("BUS650")));
    let mended = edited(&broken, &all[0]["edit"]["changes"][&topic]);
    assert_eq!(mended, broken.replace("2097152", "2MiB"));
    // Where nothing is wrong there is nothing to do, and other kinds of actions there are none.
    assert_eq!(of(&mut client, (2, 0), (2, 5), Value::Null), json!([]));
    assert_eq!(of(&mut client, (0, 0), (9, 0), json!(["refactor"])), json!([]));

    // The waivers are written into the settings as they are in the editor, and then hold.
    client.edit(&topic, 2, json!({ "text": mended }));
    let settings = uri(&scratch, "busctl.yaml");
    let policy = scratch.read("busctl.yaml").replace("version: 1\n", "version: 1 # of the format\n");
    client.did_open(&settings, &policy);
    client.wait_for(&topic, &["BUS112"]);
    let waiver = of(&mut client, (0, 0), (9, 0), json!(["quickfix"]));
    assert_eq!(titles(&waiver).len(), 1);
    let waived = edited(&policy, &waiver[0]["edit"]["changes"][&settings]);
    assert!(
        waived.starts_with("version: 1 # of the format\n") && waived.contains("waivers: [{ code: BUS112, "),
        "{waived}"
    );
    client.edit(&settings, 2, json!({ "text": waived.replace("\"…\"", "The desk is closed.") }));
    client.wait_for(&topic, &[]);
    assert_eq!(client.code_of("textDocument/codeAction", json!({})), -32602);
    client.shut_down();
}

#[test]
fn a_manifest_is_formatted_as_by_the_command() {
    let scratch = shop();
    let ugly = MANIFEST.replace("class: raw", "class:    raw   # as it comes").replace("\nkey:", "\n\n\n\nkey:");
    scratch.write(TOPIC, &ugly);
    scratch.run(&["fmt"]).ended(0);
    let formatted = scratch.read(TOPIC);
    assert_ne!(formatted, ugly);
    let mut client = Client::start(scratch.root());
    let answer = client.ask("initialize", json!({ "rootUri": uri(&scratch, ""), "capabilities": {} }));
    assert_eq!(answer["capabilities"]["documentFormattingProvider"], true);
    let options = json!({ "tabSize": 8, "insertSpaces": false });
    let mut format = |file: &str, text: &str| {
        client.did_open(file, text);
        client.ask("textDocument/formatting", json!({ "textDocument": { "uri": file }, "options": options }))
    };
    let topic = uri(&scratch, TOPIC);
    let edits = format(&topic, &ugly);
    assert_eq!(edited(&ugly, &edits), formatted);
    // What did not change is not sent.
    assert!(!edits[0]["newText"].as_str().unwrap().contains("topic:"), "{edits}");
    assert_eq!(format(&topic, &formatted), json!([]));
    // What is no manifest yet, or none at all, stays as it is.
    assert_eq!(format(&topic, "topic: [\n"), Value::Null);
    assert_eq!(format(&uri(&scratch, "schemas/shop/a.avsc"), "{\"type\":   \"string\"}"), Value::Null);
    assert_eq!(format(&uri(&scratch, "notes.yaml"), "a:    1\n"), Value::Null);
    client.shut_down();
}
