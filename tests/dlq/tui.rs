//! The terminal interface, typed into on a real broker.

use crate::queue::{Letter, Queue, Written, now};
use crate::support::terminal::Terminal;

const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";

/// What gives the terminal back: the main screen, and the cursor.
const LEFT: [&str; 2] = ["\x1b[?1049l", "\x1b[?25h"];

fn write(queue: &Queue, count: usize, class: &str) {
    let writer = queue.writer();
    let headers: [Written<'_>; 3] = [
        ("busctl-dlq.origin-topic", Some(queue.origin.as_bytes())),
        ("busctl-dlq.error-class", Some(class.as_bytes())),
        ("busctl-dlq.error-message", Some(b"\x1b]0;evil\x07 of \x1b[31mothers")),
    ];
    for _ in 0..count {
        let letter = Letter {
            timestamp: Some(now()),
            value: Some(b"{\"mail\":\"ann@x\"}"),
            headers: &headers,
            ..Letter::default()
        };
        writer.write(&queue.topic, letter);
    }
    writer.flush();
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_looked_through_sent_again_and_given_up() {
    let queue = Queue::new("typed", 1, &[]).await;
    write(&queue, 7, "TimeoutException");
    write(&queue, 3, "PriceException");
    let mut terminal = Terminal::start_on_screen(&queue.scratch, &["dlq", "tui"]);
    terminal.wait_until_screen_has("10 wait in 1 queue");
    terminal.types(ENTER);
    let groups = terminal.wait_until_screen_has("10 wait in 2 groups");
    assert!(groups.contains("TimeoutException") && groups.contains("typed.order.v1"), "{groups}");
    terminal.types(ENTER);
    terminal.wait_until_screen_has("0/6");
    terminal.types(ENTER);
    let record = terminal.wait_until_screen_has("busctl-dlq.origin-topic");
    assert!(record.contains("partition 0 offset 0") && record.contains(r#""mail": "ann@x""#), "{record}");
    terminal.types("\x1b");
    terminal.wait_until_screen_has("7 records");
    // Two records of the group are sent again.
    terminal.types("  r");
    let preview = terminal.wait_until_screen_has("2 records would be sent to typed.order.v1");
    assert!(preview.contains("--record 0/0,0/1"), "{preview}");
    terminal.types("yes\r");
    terminal.wait_until_screen_has("2 dead letters of typed.order.v1.typed-reader.dlq settled by run");
    terminal.wait_until_screen_has("8 wait in 2 groups; 2 settled before");
    terminal.types(ENTER);
    // The other group is given up.
    terminal.types(DOWN);
    terminal.types("d");
    terminal.wait_until_screen_has("reason");
    terminal.types("sold out\r\r");
    terminal.wait_until_screen_has("3 records would be given up");
    terminal.types("yes\r");
    terminal.wait_until_screen_has("5 wait in 1 group; 5 settled before");
    terminal.types("\r");
    terminal.types("q");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 0, "{shown}");
    assert!(LEFT.iter().all(|left| shown.contains(left)), "{shown:?}");
    assert!(!shown.contains("\x1b]0;evil"), "a header was obeyed");
    assert_eq!(queue.read(&queue.origin).len(), 2);
    let export = queue.scratch.read(&format!("{}.jsonl", queue.topic));
    assert_eq!(export.lines().count(), 4);
    let ledger = queue.scratch.run(&["dlq", "ledger", &queue.topic]).ended(0);
    ledger.shows(&["because: sold out", "5 dead letters of"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_is_given_back_whatever_ends_it() {
    let queue = Queue::new("ended", 1, &[]).await;
    write(&queue, 1, "TimeoutException");
    for (signal, code) in [("TERM", 130), ("HUP", 130)] {
        let mut terminal = Terminal::start_on_screen(&queue.scratch, &["dlq", "tui", &queue.topic]);
        terminal.wait_until_screen_has("1 wait in 1 group");
        terminal.signal(signal);
        let (ended, shown) = terminal.wait();
        assert!(LEFT.iter().all(|left| shown.contains(left)), "{signal}: {shown:?}");
        assert_eq!(ended, code, "{signal}: {shown}");
    }
    // What cannot be read is told, and the list is still there.
    let mut terminal = Terminal::start_on_screen(&queue.scratch, &["dlq", "tui", "ended.slip.dlq"]);
    terminal.wait_until_screen_has("there is no topic ended.slip.dlq on main");
    terminal.types(ENTER);
    terminal.types("\x1b");
    terminal.wait_until_screen_has("1 wait in 1 queue");
    terminal.types("\x03");
    assert_eq!(terminal.wait().0, 0);
    let piped = queue.scratch.run(&["dlq", "tui"]).ended(64);
    piped.says(&["this takes a terminal, and there is none", "`busctl dlq list`"]);
}
