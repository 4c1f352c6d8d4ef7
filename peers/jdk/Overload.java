// A publisher that is faster than its subscriber, by java.util.concurrent.Flow.
//
//   java Overload.java CAPACITY RATE
//
// The subscriber requests one message at a time and processes RATE a second. What happens is
// written as lines of JSON: each request(n) before it is made, each onNext, and how the
// publisher's account stands. First it submits, and the subscriber stops in the middle of
// it for a second; then it offers, and drops what has no room.
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

public class Overload {
    static synchronized void print(String format, Object... args) {
        System.out.printf(format + "%n", args);
        System.out.flush();
    }

    static class Slow implements Flow.Subscriber<Integer> {
        final long nanos; // of a message
        final CountDownLatch complete = new CountDownLatch(1);
        volatile long received;
        private Flow.Subscription subscription;
        private boolean held, idle; // is to request nothing; has not requested

        Slow(int rate) { nanos = 1_000_000_000L / rate; }

        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            request();
        }

        public void onNext(Integer message) {
            received++;
            print("{\"next\": 1}");
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            request();
        }

        private synchronized void request() {
            idle = held;
            if (held) return;
            print("{\"request\": 1}");
            subscription.request(1);
        }

        synchronized void hold() { held = true; }

        synchronized void go() {
            held = false;
            if (idle) request();
        }

        public void onError(Throwable t) {
            t.printStackTrace();
            System.exit(1);
        }

        public void onComplete() { complete.countDown(); }
    }

    // Submitter submits for as long as it is not told to stop.
    static class Submitter extends Thread {
        final SubmissionPublisher<Integer> publisher;
        volatile boolean stop;
        volatile long submitted, blocked, since; // messages; nanoseconds in submit; since when in it

        Submitter(SubmissionPublisher<Integer> p) { publisher = p; }

        public void run() {
            while (!stop) {
                since = System.nanoTime();
                publisher.submit((int) submitted);
                blocked += System.nanoTime() - since;
                submitted++;
            }
        }

        // A submit that is blocked has the publisher's lock: estimateMaximumLag would wait for it.
        void print(String at, Slow slow) {
            Overload.print("{\"at\": \"%s\", \"submitted\": %d, \"received\": %d, \"blocked\": %d, \"waits\": %d}",
                at, submitted, slow.received, blocked, System.nanoTime() - since);
        }
    }

    static SubmissionPublisher<Integer> publisher(int capacity) {
        return new SubmissionPublisher<>(ForkJoinPool.commonPool(), capacity);
    }

    static void submit(int capacity, int rate) throws InterruptedException {
        SubmissionPublisher<Integer> publisher = publisher(capacity);
        Slow slow = new Slow(rate);
        publisher.subscribe(slow);
        Submitter submitter = new Submitter(publisher);
        print("{\"at\": \"submits\", \"capacity\": %d}", publisher.getMaxBufferCapacity());
        submitter.start();
        Thread.sleep(1500);
        slow.hold();
        print("{\"at\": \"holds\"}");
        Thread.sleep(1500);
        submitter.print("held", slow);
        slow.go();
        Thread.sleep(1000);
        submitter.stop = true;
        submitter.join();
        publisher.close();
        slow.complete.await();
        submitter.print("complete", slow);
    }

    static void offer(int capacity, int rate) throws InterruptedException {
        final int perMilli = 10;
        print("{\"at\": \"offers\", \"rate\": %d}", perMilli * 1000);
        SubmissionPublisher<Integer> publisher = publisher(capacity);
        Slow slow = new Slow(rate);
        publisher.subscribe(slow);
        AtomicLong handled = new AtomicLong();
        long offered = 0, dropped = 0, longest = 0, begun = System.nanoTime();
        for (int ms = 0; ms < 1000; ms++) {
            for (int n = 0; n < perMilli; n++) {
                long since = System.nanoTime();
                int lag = publisher.offer((int) offered++, (subscriber, message) -> {
                    handled.incrementAndGet();
                    return false; // do not try again
                });
                longest = Math.max(longest, System.nanoTime() - since);
                if (lag < 0) dropped -= lag;
            }
            TimeUnit.NANOSECONDS.sleep(begun + (ms + 1) * 1_000_000L - System.nanoTime()); // at once if it is late
        }
        publisher.close();
        slow.complete.await();
        print("{\"at\": \"offered\", \"offered\": %d, \"dropped\": %d, \"handled\": %d, \"received\": %d, \"longest\": %d}",
            offered, dropped, handled.get(), slow.received, longest);
    }

    public static void main(String[] args) throws InterruptedException {
        int capacity = Integer.parseInt(args[0]), rate = Integer.parseInt(args[1]);
        submit(capacity, rate);
        offer(capacity, rate);
        System.exit(0);
    }
}
