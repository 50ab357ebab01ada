import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A share group that rejects everything: BOOTSTRAP TOPIC DEAD-LETTERS GROUP. The broker writes the dead letters. */
public class ShareGroup {
    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0], topic = arguments[1], deadLetters = arguments[2], group = arguments[3];
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            var configs = Map.of("share.auto.offset.reset", "earliest", "errors.deadletterqueue.topic.name", deadLetters,
                    "errors.deadletterqueue.copy.record.enable", "true");
            var changes = configs.entrySet().stream().map(config -> new AlterConfigOp(
                    new ConfigEntry(config.getKey(), config.getValue()), AlterConfigOp.OpType.SET)).toList();
            var enable = new AlterConfigOp(new ConfigEntry("errors.deadletterqueue.group.enable", "true"),
                    AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), changes,
                    new ConfigResource(ConfigResource.Type.TOPIC, deadLetters), List.of(enable))).all().get();
        }
        var consumer = new KafkaShareConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "group.id", group, "share.acknowledgement.mode", "explicit"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of(topic));
        while (true) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                consumer.acknowledge(record, AcknowledgeType.REJECT);
            }
            consumer.commitSync();
        }
    }
}
