use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use crate::render::dlq::tui::{self, Key};

/// What a terminal told, in words of the interface; none where it means nothing there.
pub fn told(event: &Event) -> Option<tui::Event> {
    match event {
        Event::Resize(..) => Some(tui::Event::Tick),
        Event::Key(pressed) if pressed.kind != KeyEventKind::Release => {
            let is_control = pressed.modifiers.contains(KeyModifiers::CONTROL);
            let key = match pressed.code {
                KeyCode::Char('c') if is_control => Key::Interrupt,
                KeyCode::Char(_) if is_control || pressed.modifiers.contains(KeyModifiers::ALT) => return None,
                KeyCode::Char(c) => Key::Char(c),
                KeyCode::Up => Key::Up,
                KeyCode::Down => Key::Down,
                KeyCode::Left => Key::Left,
                KeyCode::Right => Key::Right,
                KeyCode::PageUp => Key::PageUp,
                KeyCode::PageDown => Key::PageDown,
                KeyCode::Home => Key::Home,
                KeyCode::End => Key::End,
                KeyCode::Enter => Key::Enter,
                KeyCode::Esc => Key::Escape,
                KeyCode::Backspace => Key::Backspace,
                KeyCode::Tab | KeyCode::BackTab => Key::Tab,
                _ => return None,
            };
            Some(tui::Event::Key(key))
        }
        _ => None,
    }
}
