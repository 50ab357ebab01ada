import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.IntegerDeserializer;
import org.apache.kafka.common.serialization.IntegerSerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.support.serializer.DelegatingByTypeSerializer;
import org.springframework.kafka.support.serializer.ErrorHandlingDeserializer;
import org.springframework.util.backoff.FixedBackOff;

/**
 * A service with Spring Kafka that cannot process anything: BOOTSTRAP TOPIC DEAD-LETTERS GROUP. Keys and values are integers; what
 * is none cannot be read.
 */
public class Spring {
    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0], topic = arguments[1], deadLetters = arguments[2], group = arguments[3];
        var serializer = new DelegatingByTypeSerializer(
                Map.of(byte[].class, new ByteArraySerializer(), Integer.class, new IntegerSerializer()));
        var producers = new DefaultKafkaProducerFactory<Object, Object>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap), serializer, serializer);
        var consumers = new DefaultKafkaConsumerFactory<Integer, Integer>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap, ConsumerConfig.GROUP_ID_CONFIG, group,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                new ErrorHandlingDeserializer<>(new IntegerDeserializer()),
                new ErrorHandlingDeserializer<>(new IntegerDeserializer()));
        var recoverer = new DeadLetterPublishingRecoverer(new KafkaTemplate<>(producers),
                (record, failure) -> new TopicPartition(deadLetters, record.partition()));
        var properties = new ContainerProperties(topic);
        properties.setMessageListener((MessageListener<Integer, Integer>) Spring::process);
        var container = new ConcurrentMessageListenerContainer<>(consumers, properties);
        container.setCommonErrorHandler(new DefaultErrorHandler(recoverer, new FixedBackOff(10, 1)));
        container.start();
        TimeUnit.HOURS.sleep(1);
    }

    private static void process(ConsumerRecord<Integer, Integer> order) {
        throw new IllegalStateException("order " + order.value() + " has no price");
    }
}
