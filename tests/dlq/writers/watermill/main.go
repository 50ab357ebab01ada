// A service with Watermill that cannot process anything: BOOTSTRAP TOPIC DEAD-LETTERS GROUP.
package main

import (
	"context"
	"errors"
	"log"
	"os"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	brokers, topic, deadLetters, group := []string{os.Args[1]}, os.Args[2], os.Args[3], os.Args[4]
	logger := watermill.NewStdLogger(false, false)
	config := kafka.DefaultSaramaSubscriberConfig()
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	subscriber := must(kafka.NewSubscriber(kafka.SubscriberConfig{
		Brokers:               brokers,
		ConsumerGroup:         group,
		Unmarshaler:           kafka.DefaultMarshaler{},
		OverwriteSaramaConfig: config,
	}, logger))
	publisher := must(kafka.NewPublisher(
		kafka.PublisherConfig{Brokers: brokers, Marshaler: kafka.DefaultMarshaler{}}, logger))
	router := must(message.NewRouter(message.RouterConfig{}, logger))
	router.AddMiddleware(must(middleware.PoisonQueue(publisher, deadLetters)))
	router.AddNoPublisherHandler("price-orders", topic, subscriber, func(*message.Message) error {
		return errors.New("order 17 has no price")
	})
	log.Fatal(router.Run(context.Background()))
}
