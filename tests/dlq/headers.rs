//! Headers whose names are no text: no client library writes them, and brokers take them all the same.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::queue::{Letter, Queue};

// Codes of the protocol that pass by themselves.
const UNKNOWN_TOPIC: i16 = 3;
const LEADER_NOT_AVAILABLE: i16 = 5;
const NOT_LEADER: i16 = 6;

/// A zigzag number of the record format.
fn number(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn bytes(value: &[u8], out: &mut Vec<u8>) {
    number(value.len() as i64, out);
    out.extend(value);
}

/// The checksum of record batches, CRC-32C.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Writes a record to partition 0 of a topic, in the words of the protocol.
fn produce(bootstrap: &str, topic: &str, value: &[u8], headers: &[(&[u8], &[u8])]) {
    let mut record = vec![0];
    number(0, &mut record);
    number(0, &mut record);
    number(-1, &mut record);
    bytes(value, &mut record);
    number(headers.len() as i64, &mut record);
    for (name, value) in headers {
        bytes(name, &mut record);
        bytes(value, &mut record);
    }
    let timestamp = crate::queue::now().to_be_bytes();
    let mut checked = [&0_i16.to_be_bytes()[..], &0_i32.to_be_bytes(), &timestamp, &timestamp].concat();
    checked.extend([&(-1_i64).to_be_bytes()[..], &(-1_i16).to_be_bytes(), &(-1_i32).to_be_bytes()].concat());
    checked.extend(1_i32.to_be_bytes());
    bytes(&record, &mut checked);
    let mut batch = 0_i64.to_be_bytes().to_vec();
    batch.extend((checked.len() as i32 + 9).to_be_bytes());
    batch.extend((-1_i32).to_be_bytes());
    batch.push(2);
    batch.extend(checksum(&checked).to_be_bytes());
    batch.extend(checked);

    // Produce, version 3.
    let mut request = [&0_i16.to_be_bytes()[..], &3_i16.to_be_bytes(), &1_i32.to_be_bytes()].concat();
    request.extend((-1_i16).to_be_bytes());
    request.extend([&(-1_i16).to_be_bytes()[..], &(-1_i16).to_be_bytes(), &30_000_i32.to_be_bytes()].concat());
    request.extend(1_i32.to_be_bytes());
    request.extend((topic.len() as i16).to_be_bytes());
    request.extend(topic.as_bytes());
    request.extend([&1_i32.to_be_bytes()[..], &0_i32.to_be_bytes(), &(batch.len() as i32).to_be_bytes()].concat());
    request.extend(batch);
    // A broker that does not know yet that it leads a topic made just now says so: every client asks again.
    let code = (0..100).map(|_| sent(bootstrap, topic, &request)).find(|code| {
        let settled = ![LEADER_NOT_AVAILABLE, NOT_LEADER, UNKNOWN_TOPIC].contains(code);
        if !settled {
            std::thread::sleep(Duration::from_millis(200));
        }
        settled
    });
    assert_eq!(code, Some(0), "code of the answer to Produce");
}

/// The code of the answer to a request to produce to one partition.
fn sent(bootstrap: &str, topic: &str, request: &[u8]) -> i16 {
    let mut stream = TcpStream::connect(bootstrap).unwrap();
    stream.write_all(&(request.len() as i32).to_be_bytes()).unwrap();
    stream.write_all(request).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; i32::from_be_bytes(length) as usize];
    stream.read_exact(&mut answer).unwrap();
    // Behind the number of the request: topics, name, partitions, partition, code.
    let code = &answer[4 + 4 + 2 + topic.len() + 4 + 4..][..2];
    i16::from_be_bytes(code.try_into().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_written_as_it_is_stays_and_holds_up_no_other() {
    let queue = Queue::new("odd", 1, &[]).await;
    produce(queue.bootstrap(), &queue.topic, b"odd", &[(b"trace", b"t"), (b"\xff\xfe", b"x"), (b"last", b"l")]);
    let writer = queue.writer();
    writer.write(&queue.topic, Letter { value: Some(b"even"), ..Letter::default() });
    writer.flush();
    let shown = queue.scratch.run(&["dlq", "show", &queue.topic, "--format", "json"]).ended(0).json();
    let headers = &shown["records"][0]["headers"];
    assert_eq!(headers, &json!([["trace", "t"], ["\u{fffd}", null], ["last", "l"]]));
    let stays = "1 record stays: the name of a header is no text, and could not be written again";
    queue.scratch.run(&["dlq", "reprocess", &queue.topic, "--yes"]).ended(0).shows(&["1 record sent to", stays]);
    // Nor is it given up: its export would not be the whole of it.
    let export = queue.scratch.path("a").display().to_string();
    let discard = ["dlq", "discard", &queue.topic, "--reason", "r", "--export", &export, "--yes"];
    queue.scratch.run(&discard).ended(0).shows(&[stays, "Nothing to do."]);
    let triage = queue.scratch.run(&["dlq", "triage", &queue.topic, "--format", "json"]).ended(0).json();
    assert_eq!((&triage["waiting"], &triage["settled"]), (&json!(1), &json!(1)));
}
