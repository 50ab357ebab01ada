import java.util.function.Consumer;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.Message;

/** A service with Spring Cloud Stream that cannot process anything: BOOTSTRAP TOPIC DEAD-LETTERS GROUP. */
@Configuration
@EnableAutoConfiguration
public class SpringCloud {
    public static void main(String[] arguments) {
        String in = "spring.cloud.stream.bindings.orders-in-0.", kafka = "spring.cloud.stream.kafka.";
        new SpringApplicationBuilder(SpringCloud.class).web(WebApplicationType.NONE).run(
                "--spring.main.banner-mode=off", "--spring.cloud.function.definition=orders",
                "--" + kafka + "binder.brokers=" + arguments[0], "--" + kafka + "binder.auto-create-topics=false",
                "--" + in + "destination=" + arguments[1], "--" + in + "group=" + arguments[3],
                "--" + in + "consumer.max-attempts=2", "--" + in + "consumer.back-off-initial-interval=10",
                "--" + kafka + "bindings.orders-in-0.consumer.enable-dlq=true",
                "--" + kafka + "bindings.orders-in-0.consumer.dlq-name=" + arguments[2]);
    }

    @Bean
    public Consumer<Message<byte[]>> orders() {
        return order -> {
            throw new IllegalArgumentException("order has no address");
        };
    }
}
