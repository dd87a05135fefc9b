#include "worldmill/base/jobs.h"

#include "worldmill/base/check.h"

#ifdef WM_JOBS_ON_THREADS
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>
#endif

namespace wm::base {
namespace {

bool stopped(const Cancel* cancel) {
  return cancel != nullptr && cancel->requested();
}

}  // namespace

#ifdef WM_JOBS_ON_THREADS

namespace {

struct Line {
  std::mutex mutex;
  std::condition_variable moved;
  std::map<std::int64_t, Finish> waiting;
  std::int64_t started = 0;
  std::int64_t finished = 0;
  bool finishing = false;
  std::exception_ptr failure;
};

// Finishes all that stand at the head of the line; one thread at a time, outside the lock.
void finish_heads(Line& line, std::unique_lock<std::mutex>& lock) {
  if (line.finishing) return;
  line.finishing = true;
  while (!line.failure) {
    const auto head = line.waiting.find(line.finished);
    if (head == line.waiting.end()) break;
    const Finish finish = std::move(head->second);
    line.waiting.erase(head);
    lock.unlock();
    std::exception_ptr failure;
    try {
      if (finish) finish();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      line.failure = failure;
    } else {
      ++line.finished;
    }
    line.moved.notify_all();
  }
  line.finishing = false;
}

void stand_in_line(Line& line, std::int64_t count, int workers, const Work& work, const Cancel* cancel) {
  std::unique_lock lock(line.mutex);
  while (true) {
    line.moved.wait(lock, [&] { return line.failure || line.started - line.finished < 2 * workers; });
    if (line.failure || line.started == count || stopped(cancel)) return;
    const std::int64_t job = line.started++;
    lock.unlock();
    Finish finish;
    std::exception_ptr failure;
    try {
      finish = work(job);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      if (!line.failure) line.failure = failure;
      line.moved.notify_all();
      return;
    }
    line.waiting.emplace(job, std::move(finish));
    finish_heads(line, lock);
  }
}

}  // namespace

std::int64_t run_in_order(std::int64_t count, int workers, const Work& work, const Cancel* cancel) {
  WM_CHECK(count >= 0 && workers >= 1);
  Line line;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&] { stand_in_line(line, count, workers, work, cancel); });
  }
  for (std::thread& thread : threads) thread.join();
  if (line.failure) std::rethrow_exception(line.failure);
  return line.finished;
}

void run_on_this_thread(const std::function<void()>& work) {
  work();
}

#else

std::int64_t run_in_order(std::int64_t count, int workers, const Work& work, const Cancel* cancel) {
  WM_CHECK(count >= 0 && workers >= 1);
  std::int64_t started = 0;
  std::int64_t finished = 0;
  const auto start = [&](tbb::flow_control& control) -> std::int64_t {
    if (started < count && !stopped(cancel)) return started++;
    control.stop();
    return 0;
  };
  const auto end = [&](const Finish& finish) {
    if (finish) finish();
    ++finished;
  };
  // More workers than cores are allowed: the bytes must not depend on it, and a test says so.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers));
  tbb::task_arena arena(workers);
  arena.execute([&] {
    tbb::parallel_pipeline(2 * static_cast<std::size_t>(workers),
                           tbb::make_filter<void, std::int64_t>(tbb::filter_mode::serial_in_order, start) &
                               tbb::make_filter<std::int64_t, Finish>(tbb::filter_mode::parallel, work) &
                               tbb::make_filter<Finish, void>(tbb::filter_mode::serial_in_order, end));
  });
  return finished;
}

void run_on_this_thread(const std::function<void()>& work) {
  tbb::task_arena alone(1);
  alone.execute(work);
}

#endif

}  // namespace wm::base
