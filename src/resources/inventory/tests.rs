use super::{Cell, Key};

#[test]
fn amounts_are_sorted_from_the_largest_on_and_what_is_not_known_is_last() {
    let sorted = |cells: &[Cell], reverse: bool| {
        let mut cells = cells.to_vec();
        cells.sort_by_cached_key(|cell| Key { cell: cell.clone(), reverse });
        cells
    };
    let (one, two, unknown) = (Cell::Bytes(1), Cell::Bytes(2), Cell::Nothing);
    let cells = [unknown.clone(), one.clone(), two.clone()];
    assert_eq!(sorted(&cells, false), [two.clone(), one.clone(), unknown.clone()]);
    assert_eq!(sorted(&cells, true), [one, two, unknown]);
    let text = |text: &str| Cell::Text(text.to_owned());
    assert_eq!(sorted(&[text("b"), Cell::Nothing, text("a")], false), [text("a"), text("b"), Cell::Nothing]);
    let rates = [Cell::PerSecond(0.5), Cell::PerSecond(f64::MAX), Cell::PerSecond(2.0)];
    assert_eq!(sorted(&rates, false), [Cell::PerSecond(f64::MAX), Cell::PerSecond(2.0), Cell::PerSecond(0.5)]);
}
