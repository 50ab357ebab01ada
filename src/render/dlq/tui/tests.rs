//! What is seen, and what keys do.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::dlq::{Coordinates, Fingerprint, Verdict};
use crate::model::Timestamp;

fn now() -> Timestamp {
    Timestamp::of_unix_millis(100_000_000)
}

fn queues() -> Vec<QueueRow> {
    let row = |topic: &str, waiting, unseen: Option<&str>| QueueRow {
        topic: topic.into(),
        owner: Some("tills".into()),
        unseen: unseen.map(str::to_owned),
        waiting,
        oldest: (waiting > 0).then(|| Timestamp::of_unix_millis(90_000_000)),
        last_hour: 2,
    };
    vec![
        row("shop.order.v1.till.dlq", 1_204, None),
        row("shop.bill.v1.till.dlq", 0, None),
        row("shop.gone.dlq", 0, Some("not there")),
    ]
}

fn group(of: &str, verdict: Verdict, count: u64) -> GroupRow {
    GroupRow {
        fingerprint: Fingerprint::of(of),
        verdict,
        count,
        last_seen: Some(Timestamp::of_unix_millis(99_990_000)),
        from: "shop.order.v1 → till".into(),
        why: format!("{of}Exception: \u{1b}[2J of another one"),
    }
}

fn groups() -> Event {
    let rows = vec![group("Timeout", Verdict::Transient, 900), group("Price", Verdict::Poison, 304)];
    Event::Groups { rows, settled: 7 }
}

fn records() -> Event {
    let row = |offset, bytes| RecordRow {
        at: Coordinates { partition: 3, offset },
        timestamp: Some(now()),
        redrives: 0,
        bytes,
        message: "Read timed out".into(),
    };
    Event::Records(vec![row(1, Some(12_345)), row(4, None)])
}

fn seen_in(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it is in memory");
    terminal.draw(|frame| draw(frame, state, Theme { color: true })).expect("it is in memory");
    let screen = terminal.backend().to_string();
    screen.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
}

fn seen(state: &State) -> String {
    seen_in(state, 110, 12)
}

/// Types keys; what is to be done after the last one.
fn types(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter().map(|key| state.handle(Event::Key(*key), now())).last().unwrap_or_default()
}

fn letters(text: &str) -> Vec<Key> {
    text.chars().map(Key::Char).collect()
}

/// With the groups of a queue.
fn in_groups() -> State {
    let (mut state, effects) = State::new("main", None, now());
    assert_eq!(effects, [Effect::Queues]);
    state.handle(Event::Queues(queues()), now());
    assert_eq!(types(&mut state, &[Key::Enter]), [Effect::Groups { topic: "shop.order.v1.till.dlq".into() }]);
    state.handle(groups(), now());
    state
}

#[test]
fn the_queues() {
    let (mut state, _) = State::new("main", None, now());
    state.handle(Event::Queues(queues()), now());
    insta::assert_snapshot!(seen(&state), @r#"
    dead letters on main
       queue                                             waiting   oldest       last hour owner
    >  shop.order.v1.till.dlq                            1,204     2h           2         tills
       shop.bill.v1.till.dlq                             0         -            2         tills
       shop.gone.dlq                                     -         not there    -         tills





    1,204 wait in 3 queues
    Enter open  / filter  u update  ? help  q quit
    "#);
}

#[test]
fn the_groups_of_a_queue() {
    let mut state = in_groups();
    types(&mut state, &[Key::Char(' ')]);
    insta::assert_snapshot!(seen(&state), @r#"
    dead letters on main › shop.order.v1.till.dlq
       group        verdict   waiting   last  from                         why
     * 70594d932950 transient 900       10s   shop.order.v1 → till         TimeoutException: ␛[2J of another one
    >  93c91c851e7a poison    304       10s   shop.order.v1 → till         PriceException: ␛[2J of another one






    1,204 wait in 2 groups; 7 settled before; 1 group marked
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    "#);
}

#[test]
fn the_records_of_a_group_and_one_of_them() {
    let mut state = in_groups();
    let fingerprint = Fingerprint::of("Timeout");
    assert_eq!(types(&mut state, &[Key::Enter]), [Effect::Records { fingerprint }]);
    state.handle(records(), now());
    insta::assert_snapshot!(seen(&state), @r#"
    dead letters on main › shop.order.v1.till.dlq › 70594d932950
       record         when                     redrives bytes     why
    >  3/1            1970-01-02T03:46:40.000Z 0        12,345    Read timed out
       3/4            1970-01-02T03:46:40.000Z 0        none      Read timed out






    the first 2 of 900 records
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    "#);
    let at = Coordinates { partition: 3, offset: 4 };
    let show = Effect::Show { topic: "shop.order.v1.till.dlq".into(), at };
    assert_eq!(types(&mut state, &[Key::Down, Key::Enter]), [show]);
    let text: String = (0..30).map(|number| format!("{:20}line {number}\n", "")).collect();
    state.handle(Event::Shown(text), now());
    types(&mut state, &[Key::PageDown, Key::Down, Key::Right, Key::Right, Key::Left, Key::Right]);
    insta::assert_snapshot!(seen_in(&state, 60, 6), @"
    dead letters on main › shop.order.v1.till.dlq › 70594d932950
    line 11
    line 12
    line 13

    r send again  d give up  arrows scroll  Esc back  ? help  q
    ");
    // The same record is what a key is about.
    let order =
        Order { topic: "shop.order.v1.till.dlq".into(), action: Action::Redrive, chosen: Chosen::Records([at].into()) };
    assert_eq!(types(&mut state, &[Key::Char('r')]), [Effect::Preview(order)]);
}

#[test]
fn what_is_marked_is_sent_after_a_yes() {
    let mut state = in_groups();
    let chosen = Chosen::Groups(["Timeout", "Price"].map(Fingerprint::of).into());
    let order = Order { topic: "shop.order.v1.till.dlq".into(), action: Action::Redrive, chosen };
    let preview = types(&mut state, &[Key::Char('a'), Key::Char('r')]);
    assert_eq!(preview, [Effect::Preview(order.clone())]);
    // Until it is known what it would do, nobody can agree.
    assert_eq!(types(&mut state, &[letters("yes"), vec![Key::Enter]].concat()), []);
    state.handle(Event::Preview("1,204 records would be sent to shop.order.v1\n".into()), now());
    assert_eq!(types(&mut state, &[letters("yeah"), vec![Key::Enter]].concat()), []);
    insta::assert_snapshot!(seen_in(&state, 110, 16), @r#"
    dead letters on main › shop.order.v1.till.dlq
    ┌ send again ────────────────────────────────────────────────────────────────────────────────────────────────┐
    │2 groups of shop.order.v1.till.dlq                                                                          │
    │                                                                                                            │
    │1,204 records would be sent to shop.order.v1                                                                │
    │                                                                                                            │
    │busctl dlq reprocess shop.order.v1.till.dlq --cluster main --fingerprint 70594d932950,93c91c851e7a --yes    │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │Type yes to do it, Esc to leave it: ▏                                                                       │
    └────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
    type yes, or Esc to leave it
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    "#);
    assert_eq!(types(&mut state, &[letters("yes"), vec![Key::Enter]].concat()), [Effect::Carry(order)]);
    state.handle(Event::Said("300 dead letters settled".into()), now());
    // It is not left alone, and stopped before.
    assert_eq!(types(&mut state, &[Key::Char('q')]), []);
    assert_eq!(types(&mut state, &[Key::Interrupt]), [Effect::Stop]);
    let last = seen(&state);
    assert!(last.contains("settling dead letters … 300 dead letters settled"), "{last}");
    let effects = state.handle(Event::Carried("1,204 dead letters settled".into()), now());
    assert_eq!(effects, [Effect::Groups { topic: "shop.order.v1.till.dlq".into() }]);
    state.handle(Event::Groups { rows: Vec::new(), settled: 1_211 }, now());
    insta::assert_snapshot!(seen(&state), @"
    dead letters on main › shop.order.v1.till.dlq
    ┌ done ──────────────────────────────────────────────────────────────────────────────────────────────────────┐
    │1,204 dead letters settled                                                                                  │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    └────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
    0 wait in 0 groups; 1,211 settled before
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    ");
    assert_eq!(types(&mut state, &[Key::Enter, Key::Char('r')]), []);
}

#[test]
fn giving_up_takes_a_reason_and_a_file() {
    let mut state = in_groups();
    assert_eq!(types(&mut state, &[Key::Down, Key::Char('d'), Key::Enter, Key::Enter]), []);
    insta::assert_snapshot!(seen(&state), @r#"
    dead letters on main › shop.order.v1.till.dlq
    ┌ give up ───────────────────────────────────────────────────────────────────────────────────────────────────┐
    │1 group: why, and where they are kept. Enter goes on, Tab changes, Esc leaves it.                           │
    │                                                                                                            │
    │reason  ▏                                                                                                   │
    │export  shop.order.v1.till.dlq.jsonl                                                                        │
    │                                                                                                            │
    │                                                                                                            │
    │                                                                                                            │
    └────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
    say why: whoever looks at the ledger later wants to know
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    "#);
    let order = Order {
        topic: "shop.order.v1.till.dlq".into(),
        action: Action::Discard { reason: "sold out".into(), export: "shop.order.v1.till.dlq.json".into() },
        chosen: Chosen::Groups([Fingerprint::of("Price")].into()),
    };
    let filled = [letters("sold out"), vec![Key::Tab, Key::Backspace, Key::Enter]].concat();
    assert_eq!(types(&mut state, &filled), [Effect::Preview(order.clone())]);
    state.handle(Event::Failed("the file is there".into()), now());
    assert!(seen(&state).contains("the file is there"));
    // What was typed is there again: nothing was done.
    let again = types(&mut state, &[Key::Enter, Key::Char('d'), Key::Enter, Key::Enter]);
    assert_eq!(again, [Effect::Preview(order)]);
    state.handle(Event::Stopped, now());
    assert!(seen(&state).contains("stopped"));
}

#[test]
fn a_filter_leaves_rows_out() {
    let mut state = in_groups();
    types(&mut state, &[vec![Key::Char('/')], letters("PRICE"), vec![Key::Enter, Key::Char('a')]].concat());
    let last = seen(&state);
    assert!(last.contains("only those with `PRICE`") && !last.contains("TimeoutException"), "{last}");
    // What is not seen is not marked.
    assert!(last.contains("1 group marked"), "{last}");
    types(&mut state, &[Key::Char('/'), Key::Escape]);
    assert!(seen(&state).contains("TimeoutException"));
    types(&mut state, &[vec![Key::Char('/')], letters("nowhere")].concat());
    assert!(seen(&state).contains("nothing has that text in it"));
}

#[test]
fn help_and_ways_back() {
    let mut state = in_groups();
    types(&mut state, &[Key::Char('?')]);
    insta::assert_snapshot!(seen_in(&state, 100, 20), @r#"
    dead letters on main › shop.order.v1.till.dlq
    ┌ keys ────────────────────────────────────────────────────────────────────────────────────────────┐
    │↑ ↓ PgUp PgDn Home End  move                                                                      │
    │← →                     move to the side in a record                                              │
    │Enter                   open: queue, group, record                                                │
    │Esc                     back; stops what is under way                                             │
    │Space                   mark a group or a record                                                  │
    │a                       mark all that are shown, or none                                          │
    │r                       send again what is marked, or what the cursor is on                       │
    │d                       give it up, for a reason and with an export                               │
    │/                       show only rows that have a text in them                                   │
    │u                       look anew                                                                 │
    │?                       this help                                                                 │
    │q, Ctrl-C               leave                                                                     │
    │                                                                                                  │
    │                                                                                                  │
    │                                                                                                  │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘
    1,204 wait in 2 groups; 7 settled before
    Enter open  Space mark  r send again  d give up  / filter  u update  Esc back  ? help  q quit
    "#);
    types(&mut state, &[Key::Char('x'), Key::Escape]);
    assert!(seen(&state).contains("shop.bill.v1.till.dlq"));
    assert_eq!(types(&mut state, &[Key::Char('u')]), [Effect::Queues]);
    state.handle(Event::Read(4_096), now());
    assert!(seen(&state).contains("looking at the queues … 4,096 records"));
    assert_eq!(types(&mut state, &[Key::Escape]), [Effect::Stop]);
    state.handle(Event::Stopped, now());
    assert_eq!(types(&mut state, &[Key::Char('q')]), [Effect::Quit]);
    // Who begins with a queue has the list behind it.
    let (mut state, effects) = State::new("main", Some("shop.order.v1.till.dlq".into()), now());
    assert_eq!(effects, [Effect::Groups { topic: "shop.order.v1.till.dlq".into() }]);
    state.handle(groups(), now());
    assert_eq!(types(&mut state, &[Key::Escape]), [Effect::Queues]);
}

#[test]
fn without_colours_nothing_is_lost() {
    let state = in_groups();
    let mut terminal = Terminal::new(TestBackend::new(80, 8)).expect("it is in memory");
    terminal.draw(|frame| draw(frame, &state, Theme { color: false })).expect("it is in memory");
    let cells = terminal.backend().buffer().content();
    let plain = ratatui::style::Color::Reset;
    assert!(cells.iter().all(|cell| (cell.fg, cell.bg) == (plain, plain)));
    assert!(cells.iter().any(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED)));
}

fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![
        6 => proptest::sample::select(letters("qa rd/u?kjyes")),
        6 => proptest::sample::select(vec![
            Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Enter, Key::Escape, Key::Backspace,
            Key::Tab, Key::Interrupt,
        ]),
    ]
}

#[test]
fn an_order_that_ends_badly_is_told_beside_what_waits_now() {
    let (mut state, _) = State::new("main", Some("shop.order.v1.till.dlq".into()), now());
    state.handle(groups(), now());
    types(&mut state, &[Key::Char('r')]);
    state.handle(Event::Preview("300 would be sent".into()), now());
    types(&mut state, &[letters("yes"), vec![Key::Enter]].concat());
    assert!(state.is_carrying());
    let effects = state.handle(Event::Failed("too many came back".into()), now());
    assert_eq!(effects, [Effect::Groups { topic: "shop.order.v1.till.dlq".into() }]);
    state.handle(groups(), now());
    assert!(seen(&state).contains("too many came back"));
}

fn events() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => keys().prop_map(Event::Key),
        1 => Just(Event::Queues(queues())),
        1 => (0..3_usize).prop_map(|count| {
            let Event::Groups { rows, settled } = groups() else { return Event::Tick };
            Event::Groups { rows: rows.into_iter().take(count).collect(), settled }
        }),
        1 => Just(records()),
        1 => Just(Event::Shown("a\nb".into())),
        1 => Just(Event::Preview("p".into())),
        1 => Just(Event::Carried("c".into())),
        1 => Just(Event::Failed("f".into())),
        1 => Just(Event::Stopped),
    ]
}

proptest! {
    /// Whatever is pressed and whenever something comes, on a terminal of any size.
    #[test]
    fn anything_may_come_at_any_time(
        events in proptest::collection::vec(events(), 0..60),
        (width, height) in (1_u16..120, 1_u16..30),
    ) {
        let (mut state, _) = State::new("main", None, now());
        for event in events {
            let was_busy = state.busy.is_some();
            let is_key = matches!(event, Event::Key(_));
            let effects = state.handle(event, now());
            // One thing at a time.
            let ends = |effect: &Effect| matches!(effect, Effect::Stop | Effect::Quit);
            prop_assert!(!(was_busy && is_key) || effects.iter().all(ends), "{effects:?}");
            // Nothing is carried out that was not agreed to.
            for effect in &effects {
                prop_assert!(!matches!(effect, Effect::Carry(_)) || is_key);
            }
            seen_in(&state, width, height);
        }
    }
}
