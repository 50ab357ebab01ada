import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecord;
import io.smallrye.reactive.messaging.kafka.commit.KafkaIgnoreCommit;
import io.smallrye.reactive.messaging.kafka.fault.KafkaDeadLetterQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/**
 * SmallRye's dead-letter queue between a consumer and a producer of its own, without the container that the framework needs: BOOTSTRAP
 * TOPIC DEAD-LETTERS GROUP.
 */
public class SmallRye {
    @SuppressWarnings("unchecked")
    public static void main(String[] arguments) {
        var producer = new KafkaProducer<>(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]),
                new ByteArraySerializer(), new ByteArraySerializer());
        UnicastProcessor<Message<?>> letters = UnicastProcessor.create();
        letters.subscribe().with(message -> {
            producer.send((ProducerRecord<byte[], byte[]>) message.getPayload());
            producer.flush();
            message.ack();
        });
        var queue = new KafkaDeadLetterQueue("orders", arguments[2], null, letters);
        var consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0], ConsumerConfig.GROUP_ID_CONFIG, arguments[3],
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(arguments[1]));
        while (true) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                var incoming = new IncomingKafkaRecord<>(record, "orders", 0, new KafkaIgnoreCommit(), queue, false, false);
                var failure = new IllegalStateException("order 17 has no price", new ArithmeticException("by zero"));
                queue.handle(incoming, failure, Metadata.empty()).subscribe().with(done -> {
                });
            }
        }
    }
}
