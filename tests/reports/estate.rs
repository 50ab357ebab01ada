//! Workspaces whose findings are reported.

use serde_json::Value;

use crate::workspace::{Run, Scratch};

/// The forms of findings.
pub const FORMS: [&str; 10] =
    ["text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "azure", "rdjson"];

/// What somebody could write into a manifest, or name one, to be obeyed by what reads reports.
pub const HOSTILE: [&str; 17] = [
    "a\n::error::pwned",
    "::stop-commands::t",
    "a\r\n##[add-mask]pwned",
    "##vso[task.setvariable variable=a]pwned",
    "a%0A::error::pwned",
    "a%0D%0A##vso[task.complete]pwned%AZP25",
    "a;b]c,d:e=f",
    "--><script>alert(1)</script><!--",
    "@everyone #1 :+1: www.x.example https://x.example",
    "`code`|pipe` **bold**",
    "[link](https://x.example) ![image](https://x.example)",
    "\u{202e}moc.elpmaxe\u{2066}",
    "\u{1b}[31mred\u{7}\u{9b}0m\u{0}",
    "]]>&amp;\"'<![CDATA[<failure>",
    "\u{fffe}\u{ffff}\u{feff}\u{200b}\u{e0041}",
    "{0} $(id) ${x} ${{ secrets.TOKEN }} `id`",
    "ünïcode 広い 🦀",
];

/// A repository with a workspace in a folder of it, in which each hostile text is a key, a value, a reference, and, as far
/// as the file system has such names, a file.
pub fn hostile() -> Scratch {
    let scratch = Scratch::new();
    scratch.remove("busctl.yaml");
    scratch.write(".git/HEAD", "ref: refs/heads/main\n");
    scratch.write("bus/busctl.yaml", "version: 1\n");
    scratch.write("bus/clusters/a.yaml", "cluster: alpha\nenvironment: dev\nkafka: { deployment: local }\n");
    for (index, text) in HOSTILE.into_iter().enumerate() {
        // JSON is YAML.
        let quoted = Value::from(text).to_string();
        let manifest = format!("topic: shop.t{index}.v1\n{quoted}: 1\nclass: {quoted}\nproducers: [{quoted}]\n");
        scratch.write(&format!("bus/topics/plain{index}.yaml"), &manifest);
        let name: String = text.chars().filter(|c| !"/\0".contains(*c)).collect();
        scratch.write(&format!("bus/topics/{name}.yaml"), format!("topik: {quoted}\n"));
    }
    scratch
}

/// Runs `validate` in the folder `bus` of a repository.
#[track_caller]
pub fn validate(scratch: &Scratch, form: &str) -> Run {
    scratch.run(&["-C", "bus", "validate", "--format", form]).without_panic()
}

/// The findings of the folder `bus` as the document has them.
#[track_caller]
pub fn findings(scratch: &Scratch) -> Vec<Value> {
    validate(scratch, "json").json()["findings"].as_array().unwrap().clone()
}

/// A finding by where it is: its path from the root of the repository, with its line and its code.
pub fn place(finding: &Value) -> (String, u64, String) {
    let place = &finding["place"];
    let path = place["file"].as_str().unwrap_or("busctl.yaml");
    (format!("bus/{path}"), place["line"].as_u64().unwrap_or(1), finding["code"].as_str().unwrap().to_owned())
}

/// The places of findings in order.
pub fn places(findings: &[Value]) -> Vec<(String, u64, String)> {
    let mut places: Vec<_> = findings.iter().map(place).collect();
    places.sort();
    places
}
