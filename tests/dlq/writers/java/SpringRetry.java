import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafkaRetryTopic;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.retrytopic.RetryTopicConfiguration;
import org.springframework.kafka.retrytopic.RetryTopicConfigurationBuilder;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * The same with Spring's retry topics: BOOTSTRAP TOPIC DEAD-LETTERS GROUP. Of dead letters it takes what stands behind the topic's
 * name for the suffix.
 */
public class SpringRetry {
    static String bootstrap, suffix;

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        System.setProperty("topic", arguments[1]);
        suffix = arguments[2].substring(arguments[1].length());
        System.setProperty("group", arguments[3]);
        new AnnotationConfigApplicationContext(Beans.class);
        TimeUnit.HOURS.sleep(1);
    }

    public static class Orders {
        @KafkaListener(id = "orders", topics = "${topic}", groupId = "${group}", containerFactory = "containers")
        public void process(byte[] order) {
            throw new IllegalStateException("order has no price", new java.util.NoSuchElementException("price"));
        }
    }

    @Configuration
    @EnableKafkaRetryTopic
    public static class Beans {
        @Bean
        public Orders orders() {
            return new Orders();
        }

        @Bean
        public KafkaTemplate<byte[], byte[]> template() {
            return new KafkaTemplate<>(new DefaultKafkaProducerFactory<>(
                    Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap), new ByteArraySerializer(),
                    new ByteArraySerializer()));
        }

        @Bean
        public ConcurrentKafkaListenerContainerFactory<byte[], byte[]> containers() {
            var factory = new ConcurrentKafkaListenerContainerFactory<byte[], byte[]>();
            factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(
                    Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                            "earliest"),
                    new ByteArrayDeserializer(), new ByteArrayDeserializer()));
            return factory;
        }

        @Bean
        public TaskScheduler scheduler() {
            return new ThreadPoolTaskScheduler();
        }

        @Bean
        public RetryTopicConfiguration retries(KafkaTemplate<byte[], byte[]> template) {
            return RetryTopicConfigurationBuilder.newInstance().maxAttempts(3).fixedBackOff(100).dltSuffix(suffix)
                    .retryTopicSuffix(".retry").doNotAutoCreateRetryTopics().create(template);
        }
    }
}
