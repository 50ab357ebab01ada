//! Services that produce and consume, as librdkafka does it.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};

/// Writes one record; librdkafka's words where it was refused.
pub async fn produce(config: &ClientConfig, topic: &str) -> Result<(), String> {
    let producer: FutureProducer =
        config.clone().set("acks", "all").set("message.timeout.ms", "20000").create().unwrap();
    let sent = producer.send(FutureRecord::to(topic).key("1").payload("an order"), Duration::from_secs(20)).await;
    sent.map(|_| ()).map_err(|(error, _)| error.to_string())
}

/// Reads one record in a group.
pub fn consume(config: &ClientConfig, group: &str, topic: &str) -> Result<Vec<u8>, String> {
    let mut config = config.clone();
    config.set("group.id", group).set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        match consumer.poll(Duration::from_millis(500)) {
            Some(Ok(message)) => return Ok(message.payload().unwrap_or_default().to_vec()),
            Some(Err(error)) => return Err(error.to_string()),
            None => {}
        }
    }
    Err("nothing came".to_owned())
}
