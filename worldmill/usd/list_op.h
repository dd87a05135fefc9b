#pragma once
#include <algorithm>
#include <vector>

namespace wm::usd {

/// An edit of a list: replace it, or delete, put in front, put at the end. `added` and `ordered` are legacy. SPEC 6.6.
template <class T>
struct ListOp {
  bool is_explicit = false;
  std::vector<T> explicit_items, added, prepended, appended, deleted, ordered;

  static ListOp of(std::vector<T> items) { return {true, std::move(items), {}, {}, {}, {}, {}}; }
  bool is_inert() const {
    return !is_explicit && added.empty() && prepended.empty() && appended.empty() && deleted.empty() && ordered.empty();
  }
  friend bool operator==(const ListOp&, const ListOp&) = default;
};

namespace list_op_detail {

template <class T>
bool holds(const std::vector<T>& items, const T& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

template <class T>
void erase(std::vector<T>& items, const T& item) {
  items.erase(std::remove(items.begin(), items.end(), item), items.end());
}

/// The first of each.
template <class T>
std::vector<T> distinct(const std::vector<T>& items) {
  std::vector<T> kept;
  for (const T& item : items) {
    if (!holds(kept, item)) kept.push_back(item);
  }
  return kept;
}

/// The last of each.
template <class T>
std::vector<T> distinct_last(const std::vector<T>& items) {
  std::vector<T> kept(items.rbegin(), items.rend());
  kept = distinct(kept);
  std::reverse(kept.begin(), kept.end());
  return kept;
}

template <class T, class... Lists>
std::vector<T> without(const std::vector<T>& items, const Lists&... lists) {
  std::vector<T> kept;
  for (const T& item : items) {
    if (!(holds(lists, item) || ...)) kept.push_back(item);
  }
  return kept;
}

template <class T>
void extend(std::vector<T>& items, const std::vector<T>& more) {
  items.insert(items.end(), more.begin(), more.end());
}

}  // namespace list_op_detail

/// Moves what `order` names behind its first named one, each taking along the unnamed ones that follow it.
template <class T>
void reorder(std::vector<T>& items, const std::vector<T>& order) {
  using namespace list_op_detail;
  const std::vector<T> wanted = distinct(order);
  std::vector<T> left = items, result;
  for (const T& item : wanted) {
    auto begin = std::find(left.begin(), left.end(), item);
    if (begin == left.end()) continue;
    auto end = begin + 1;
    while (end != left.end() && !holds(wanted, *end)) ++end;
    result.insert(result.end(), begin, end);
    left.erase(begin, end);
  }
  left.insert(left.end(), result.begin(), result.end());  // what stood before every named one stays in front
  items = std::move(left);
}

/// Carries `op` out on `items`: delete, add, prepend, append, reorder, in that order; a list holds each item once.
template <class T>
void edit(std::vector<T>& items, const ListOp<T>& op) {
  using namespace list_op_detail;
  if (op.is_explicit) {
    items = distinct(op.explicit_items);
    return;
  }
  for (const T& item : op.deleted) erase(items, item);
  for (const T& item : op.added) {
    if (!holds(items, item)) items.push_back(item);
  }
  if (!op.prepended.empty()) {
    std::vector<T> front = distinct(op.prepended);
    extend(front, without(items, op.prepended));
    items = std::move(front);
  }
  if (!op.appended.empty()) {
    const std::vector<T> back = distinct_last(op.appended);
    items = without(items, back);
    extend(items, back);
  }
  if (!op.ordered.empty()) reorder(items, op.ordered);
}

/// The op with no item twice: an item both appended and prepended or deleted is appended, and so on. SPEC 6.6.3.
template <class T>
ListOp<T> reduced(const ListOp<T>& op) {
  using namespace list_op_detail;
  if (op.is_explicit) return ListOp<T>::of(distinct(op.explicit_items));
  ListOp<T> result;
  result.appended = distinct_last(op.appended);
  result.prepended = without(distinct(op.prepended), result.appended);
  result.deleted = without(distinct(op.deleted), result.prepended, result.appended);
  result.added = distinct(op.added);
  result.ordered = distinct(op.ordered);
  return result;
}

/// One op that does what `weak` and then `strong` do. SPEC 6.6.3. Legacy `added` counts as appended where it meets a
/// list that is not explicit, `ordered` of the stronger wins.
template <class T>
ListOp<T> combined(const ListOp<T>& strong_op, const ListOp<T>& weak_op) {
  using namespace list_op_detail;
  if (strong_op.is_explicit) return reduced(strong_op);
  if (weak_op.is_explicit) {
    std::vector<T> items = distinct(weak_op.explicit_items);
    edit(items, strong_op);
    return ListOp<T>::of(std::move(items));
  }
  const ListOp<T> strong = reduced(strong_op), weak = reduced(weak_op);
  ListOp<T> result;
  result.prepended = strong.prepended;
  extend(result.prepended, without(weak.prepended, strong.appended, strong.deleted, strong.prepended));
  result.appended = without(weak.appended, strong.appended, strong.deleted, strong.prepended);
  extend(result.appended, strong.appended);
  result.deleted = without(weak.deleted, strong.prepended, strong.appended);
  extend(result.deleted, without(strong.deleted, result.deleted));
  result.added = weak.added;
  extend(result.added, without(strong.added, weak.added));
  result.ordered = strong.ordered.empty() ? weak.ordered : strong.ordered;
  return result;
}

}  // namespace wm::usd
