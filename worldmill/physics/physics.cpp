#include "worldmill/physics/physics.h"

#include <fmt/format.h>
#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "worldmill/base/check.h"
#include "worldmill/physics/build.h"

namespace wm::physics {

using base::error;
using math::Affine;
using math::Pose;
using math::Rotation;
using math::Vec3;
using scene::BodyId;

namespace {

std::atomic<std::int64_t> compiled = 0;

Vec3 vec(const double* from) {
  return {from[0], from[1], from[2]};
}
Rotation rotation(const double* from) {
  return {from[0], from[1], from[2], from[3]};
}
void put(double* to, Vec3 v) {
  to[0] = v.x, to[1] = v.y, to[2] = v.z;
}
void put(double* to, const Rotation& r) {
  to[0] = r.w, to[1] = r.x, to[2] = r.y, to[3] = r.z;
}

bool same(const Affine& a, const Affine& b) {
  return a.translation == b.translation && a.linear.row0 == b.linear.row0 && a.linear.row1 == b.linear.row1 &&
         a.linear.row2 == b.linear.row2;
}

class EngineModel final : public Model {
 public:
  EngineModel(std::shared_ptr<const scene::Scene> scene, Built built)
      : scene_(std::move(scene)), built_(std::move(built)) {}

  const std::shared_ptr<const scene::Scene>& scene() const override { return scene_; }
  double time_step() const override { return engine().opt.timestep; }
  bool semi_implicit() const override { return engine().opt.integrator != mjINT_RK4; }
  const std::string& solver() const override { return built_.solver; }
  const std::vector<std::string>& notes() const override { return built_.notes; }
  std::size_t positions() const override { return static_cast<std::size_t>(engine().nq); }
  std::size_t velocities() const override { return static_cast<std::size_t>(engine().nv); }
  std::size_t commands() const override { return static_cast<std::size_t>(engine().nu); }
  std::size_t position_of(scene::JointId joint) const override {
    return static_cast<std::size_t>(engine().jnt_qposadr[built_.joints[joint.index()]]);
  }
  std::size_t velocity_of(scene::JointId joint) const override {
    return static_cast<std::size_t>(engine().jnt_dofadr[built_.joints[joint.index()]]);
  }
  std::size_t command_of(scene::DriveId drive) const override {
    return static_cast<std::size_t>(engine().actuator_ctrladr[built_.drives[drive.index()]]);
  }
  double mass(BodyId body) const override { return engine().body_mass[built_.bodies[body.index()]]; }
  std::unique_ptr<Batch> batch(const BatchOptions& options) const override;

  const mjModel& engine() const { return *built_.model; }
  const Built& built() const { return built_; }

 private:
  std::shared_ptr<const scene::Scene> scene_;
  Built built_;
};

struct BatchDeleter {
  void operator()(mjBatch* batch) const { mjb_deleteBatch(batch); }
};
using BatchPtr = std::unique_ptr<mjBatch, BatchDeleter>;

// The parts of an engine's model that a world may have of its own.
enum Own {
  kGravity,
  kMass,
  kInertia,
  kFriction,
  kSolref,
  kRange,
  kStiffness,
  kSpring,
  kDamping,
  kArmature,
  kFrictionLoss,
  kGain,
  kBias,
  kForceRange,
  kDelay,
  kBodyPos,
  kBodyQuat,
  kGeomPos,
  kGeomQuat,
  kOwnCount
};
constexpr const char* kOwnNames[kOwnCount] = {"opt.gravity",      "body_mass",           "body_inertia",
                                              "geom_friction",    "geom_solref",         "jnt_range",
                                              "jnt_stiffness",    "qpos_spring",         "dof_damping",
                                              "dof_armature",     "dof_frictionloss",    "actuator_gainprm",
                                              "actuator_biasprm", "actuator_forcerange", "actuator_delay",
                                              "body_pos",         "body_quat",           "geom_pos",
                                              "geom_quat"};
// Those that other constants of the model are derived from.
constexpr bool kDerives[kOwnCount] = {false, true,  true,  false, false, false, false, true, false, true,
                                      false, false, false, false, false, true,  true,  true, true};

class EngineBatch final : public Batch {
 public:
  EngineBatch(std::shared_ptr<const EngineModel> model, const BatchOptions& options);

  int worlds() const override { return options_.worlds; }
  std::span<double> positions(int world) override { return moved(world, mjSTATE_QPOS); }
  std::span<double> velocities(int world) override { return moved(world, mjSTATE_QVEL); }
  std::span<const double> positions(int world) const override { return row(world, mjSTATE_QPOS); }
  std::span<const double> velocities(int world) const override { return row(world, mjSTATE_QVEL); }
  std::span<double> commands(int world) override { return row(world, mjSTATE_CTRL); }
  std::span<double> joint_forces(int world) override {
    passive_[at(world)] = false;
    return row(world, mjSTATE_QFRC_APPLIED);
  }
  void push(int world, BodyId body, Vec3 force, Vec3 torque) override;
  void place(int world, BodyId body, const Pose& world_from_body) override;
  Status set_values(int world, const scene::World& values) override;
  void reset(int world, int keyframe) override;
  int step(int steps) override;
  double time(int world) const override { return *component(world, mjSTATE_TIME); }
  const Diagnosis& diagnosis(int world) const override { return diagnoses_[at(world)]; }
  Pose pose(int world, BodyId body) override;
  Twist twist(int world, BodyId body) override;
  Pose site_pose(int world, scene::SiteId site) override;
  std::span<const double> drive_forces(int world) override {
    return {drive_force_.of(world), static_cast<std::size_t>(drive_force_.size)};
  }
  std::span<const double> sensor(int world, std::size_t index) override;
  std::span<const Contact> contacts(int world) const override {
    WM_CHECK(options_.contacts);
    return contacts_[at(world)];
  }
  void at_step(int world, std::span<Pose> poses, std::span<Twist> twists) const override;
  double distance(int world, scene::ShapeId a, scene::ShapeId b, double most) const override;
  double energy(int world) override;
  std::vector<double> mass_matrix(int world) override;
  void write(int world, scene::World& values) override;
  std::string save(int world) const override;
  Status restore(int world, std::string_view block) override;

 private:
  // A field that the engine copies out after each call.
  struct Output {
    const double* data = nullptr;
    int size = 0;
    const double* of(int world) const { return data + static_cast<std::ptrdiff_t>(world) * size; }
  };

  const mjModel& engine() const { return model_->engine(); }
  std::size_t at(int world) const {
    WM_CHECK(world >= 0 && world < options_.worlds);
    return static_cast<std::size_t>(world);
  }
  double* component(int world, int which, int* size = nullptr) const {
    return mjb_stateComponent(batch_.get(), which, size) +
           static_cast<std::ptrdiff_t>(at(world)) * mjb_nstate(batch_.get());
  }
  std::span<double> row(int world, int which) const {
    int size = 0;
    double* data = component(world, which, &size);
    return {data, static_cast<std::size_t>(size)};
  }
  // Whoever writes there gives or takes energy.
  std::span<double> moved(int world, int which) {
    current_ = false;
    start_watching(world);
    return row(world, which);
  }
  Output output(const char* name);
  void ask_for_poses();
  void keep_poses();
  void refresh();
  Pose told_pose(int world, BodyId body) const;
  Twist told_twist(int world, BodyId body) const;
  bool is_passive(int world) const;
  void start_watching(int world);
  void collect_contacts(const std::vector<int>& ids);
  void examine(int world, const std::vector<double>& before);
  void trouble(int world, Trouble trouble, std::string message);
  bool check_numbers(int world);
  bool check_warnings(int world);
  bool check_speed(int world);
  bool check_energy(int world);
  void check_tunnelling(int world, std::span<const double> before);
  double* own(int world, Own field);
  void forget_values(int world);
  void own_masses(int world, const scene::World& values);
  void own_surfaces(int world, const scene::World& values);
  void own_joints(int world, const scene::World& values);
  Status own_drives(int world, const scene::World& values);
  void own_poses(int world, const scene::World& values, std::vector<double>& start);
  Status own_starts(int world, const scene::World& values);

  std::shared_ptr<const EngineModel> model_;
  BatchOptions options_;
  BatchPtr batch_;
  Output xpos_, xquat_, cvel_, subtree_com_, site_xpos_, site_xquat_, sensor_, drive_force_, energy_;
  const int* contact_counts_ = nullptr;
  bool current_ = false;      ///< Whether outputs are of the state as it is.
  std::vector<int> running_;  ///< Worlds without trouble; kept for its memory.
  std::vector<Diagnosis> diagnoses_;
  std::vector<std::vector<Contact>> contacts_;
  std::vector<char> passive_;                    ///< Nobody pushed so far.
  std::vector<std::array<double, 2>> energies_;  ///< At first; greatest kinetic.
  std::vector<std::vector<double>> starts_;      ///< Positions at first, when they are not the model's.
  std::vector<std::vector<double>> speeds_;      ///< Velocities at first, when some are not 0.
  std::array<double*, kOwnCount> own_{};
  std::array<int, kOwnCount> own_size_{};
  std::vector<Pose> kept_poses_;    ///< [world, body] When the last step began; empty: as the engine tells.
  std::vector<Twist> kept_twists_;  ///< Likewise.
  double weight_ = 0;               ///< [N] of all bodies.
};

EngineBatch::EngineBatch(std::shared_ptr<const EngineModel> model, const BatchOptions& options)
    : model_(std::move(model)), options_(options) {
  WM_CHECK(options.worlds >= 1 && options.workers >= 1);
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = options.workers;
  // With data of its own a world can be asked about its last step (contacts), and steps on without computing twice;
  // thousands of worlds take turns on a few.
  constexpr int kMany = 64;
  // Sensors of forces keep the last step's values only there; sleepers need it.
  bool needed = (engine().opt.enableflags & (mjENBL_SLEEP | mjENBL_IPC)) != 0;
  for (int i = 0; i < engine().nsensor; ++i) needed |= engine().sensor_needstage[i] == mjSTAGE_ACC;
  config.persistent = options.contacts || needed || options.worlds <= kMany;
  char why[1000] = "";
  batch_.reset(mjb_makeBatch(&engine(), options.worlds, &config, why, sizeof why));
  if (!batch_) throw std::runtime_error(fmt::format("physics: {} worlds cannot be made: {}", options.worlds, why));
  sensor_ = output("sensordata");
  drive_force_ = output("actuator_force");
  energy_ = output("energy");
  if (options.contacts) {
    contact_counts_ = static_cast<const int*>(mjb_output(batch_.get(), "ncon", nullptr, nullptr));
    ask_for_poses();
  }
  const auto worlds = static_cast<std::size_t>(options.worlds);
  diagnoses_.resize(worlds);
  contacts_.resize(worlds);
  energies_.resize(worlds);
  starts_.resize(worlds);
  speeds_.resize(worlds);
  passive_.assign(worlds, true);
  weight_ = mj_getTotalmass(&engine()) * math::length(vec(engine().opt.gravity));
  mjb_reset(batch_.get(), nullptr, 0, nullptr, mjSTAGE_NONE);
  for (int world = 0; world < options.worlds; ++world) start_watching(world);
}

EngineBatch::Output EngineBatch::output(const char* name) {
  Output out;
  out.data = static_cast<const double*>(mjb_output(batch_.get(), name, &out.size, nullptr));
  return out;
}

void EngineBatch::push(int world, BodyId body, Vec3 force, Vec3 torque) {
  double* to = component(world, mjSTATE_XFRC_APPLIED) + 6 * model_->built().bodies[body.index()];
  put(to, force);
  put(to + 3, torque);
  if (dot(force, force) + dot(torque, torque) > 0) passive_[at(world)] = false;
}

void EngineBatch::place(int world, BodyId body, const Pose& world_from_body) {
  const int mocap = engine().body_mocapid[model_->built().bodies[body.index()]];
  WM_CHECK(mocap >= 0);
  put(component(world, mjSTATE_MOCAP_POS) + 3 * mocap, world_from_body.translation);
  put(component(world, mjSTATE_MOCAP_QUAT) + 4 * mocap, world_from_body.rotation);
  passive_[at(world)] = false;
  current_ = false;
}

void EngineBatch::reset(int world, int keyframe) {
  const int id = static_cast<int>(at(world));
  mjb_reset(batch_.get(), &id, 1, nullptr, mjSTAGE_NONE);
  const std::vector<double>& start = starts_[at(world)];
  if (!start.empty()) std::ranges::copy(start, positions(world).begin());
  std::ranges::copy(speeds_[at(world)], velocities(world).begin());
  current_ = false;
  diagnoses_[at(world)] = {};
  contacts_[at(world)].clear();
  passive_[at(world)] = true;
  std::fill_n(mjb_warning(batch_.get()) + static_cast<std::ptrdiff_t>(id) * mjNWARNING, mjNWARNING, mjWarningStat{});
  if (keyframe >= 0) {
    const scene::Mechanics& m = model_->scene()->mechanics;
    const scene::Keyframe& key = m.keyframes.at(static_cast<std::size_t>(keyframe));
    const auto copy = [](const std::vector<double>& from, std::size_t first, std::span<double> to) {
      std::copy_n(from.begin(), std::min(from.size(), to.size() - std::min(first, to.size())),
                  to.begin() + static_cast<std::ptrdiff_t>(first));
    };
    if (key.first_joint < m.joints.size()) {
      copy(key.positions, model_->position_of(scene::JointId(key.first_joint)), positions(world));
      copy(key.velocities, model_->velocity_of(scene::JointId(key.first_joint)), velocities(world));
    }
    if (key.first_drive < m.drives.size()) {
      copy(key.commands, model_->command_of(scene::DriveId(key.first_drive)), commands(world));
      for (std::size_t d = key.first_drive; d < m.drives.size() && !key.activations.empty(); ++d) {
        const int address = engine().actuator_actadr[model_->built().drives[d]];
        if (address < 0) continue;
        copy(key.activations, static_cast<std::size_t>(address), row(world, mjSTATE_ACT));
        break;
      }
    }
    *component(world, mjSTATE_TIME) = key.time;
  }
  start_watching(world);
}

bool EngineBatch::is_passive(int world) const {
  return passive_[at(world)] && engine().nu == 0 && engine().nmocap == 0 && engine().nflex == 0;
}

void measure_energy(const mjModel* m, mjData* d, int, void* potential_kinetic) {
  mj_fwdKinematics(m, d);  // no contacts: they have no energy here
  mj_makeM(m, d);
  mj_energyPos(m, d);
  mj_energyVel(m, d);
  std::copy_n(d->energy, 2, static_cast<double*>(potential_kinetic));
}

double EngineBatch::energy(int world) {
  double both[2];
  const int id = static_cast<int>(at(world));
  mjb_apply(batch_.get(), &id, 1, measure_energy, both, 0);
  return both[0] + both[1];
}

void EngineBatch::start_watching(int world) {
  energies_[at(world)] = {std::nan(""), 0};
}

struct ContactRequest {
  Contact* const* to;  ///< [world]
  const int* counts;   ///< [world]
  const int* shape_of_geom;
};

scene::ShapeId shape_of(const ContactRequest& request, int geom) {
  const int shape = geom < 0 ? -1 : request.shape_of_geom[geom];
  return shape < 0 ? scene::ShapeId() : scene::ShapeId(static_cast<std::size_t>(shape));
}

// A contact's frame has the normal and two tangents as rows.
Vec3 from_contact_frame(const double frame[9], const double v[3]) {
  return vec(frame) * v[0] + vec(frame + 3) * v[1] + vec(frame + 6) * v[2];
}

void read_contacts(const mjModel* m, mjData* d, int world, void* argument) {
  const auto& request = *static_cast<const ContactRequest*>(argument);
  for (int i = 0; i < request.counts[world] && i < d->ncon; ++i) {
    const mjContact& from = d->contact[i];
    double wrench[6];
    mj_contactForce(m, d, i, wrench);
    Contact& to = request.to[world][i];
    to.a = shape_of(request, from.geom[0]);
    to.b = shape_of(request, from.geom[1]);
    to.point = vec(from.pos);
    to.normal = vec(from.frame);
    to.distance = from.dist;
    to.force = from_contact_frame(from.frame, wrench);
    to.torque = from_contact_frame(from.frame, wrench + 3);
  }
}

void EngineBatch::collect_contacts(const std::vector<int>& ids) {
  std::vector<Contact*> to(static_cast<std::size_t>(options_.worlds));
  for (const int world : ids) {
    contacts_[at(world)].assign(static_cast<std::size_t>(contact_counts_[world]), Contact{});
    to[at(world)] = contacts_[at(world)].data();
  }
  ContactRequest request{to.data(), contact_counts_, model_->built().shape_of_geom.data()};
  mjb_apply(batch_.get(), ids.data(), static_cast<int>(ids.size()), read_contacts, &request, 0);
}

int EngineBatch::step(int steps) {
  std::vector<int>& ids = running_;
  ids.clear();
  for (int world = 0; world < options_.worlds; ++world) {
    if (diagnoses_[at(world)].trouble == Trouble::none) ids.push_back(world);
  }
  if (ids.empty()) return options_.worlds;
  std::vector<double> before;
  if (options_.check) {
    const auto nq = model_->positions();
    before.resize(nq * static_cast<std::size_t>(options_.worlds));
    for (const int world : ids) {
      std::copy_n(component(world, mjSTATE_QPOS), nq, before.data() + nq * at(world));
    }
  }
  if (options_.contacts && !model_->semi_implicit()) keep_poses();
  current_ = false;
  mjb_step(batch_.get(), ids.data(), static_cast<int>(ids.size()), steps, mjSTAGE_NONE);
  if (options_.contacts) collect_contacts(ids);
  for (const int world : ids) examine(world, before);
  int troubled = 0;
  for (const Diagnosis& diagnosis : diagnoses_) troubled += diagnosis.trouble != Trouble::none;
  return troubled;
}

void EngineBatch::trouble(int world, Trouble trouble, std::string message) {
  diagnoses_[at(world)] = {trouble, time(world), std::move(message)};
}

void EngineBatch::examine(int world, const std::vector<double>& before) {
  if (mjb_status(batch_.get())[world] != 0) {
    return trouble(world, Trouble::failed, fmt::format("the engine gave up: {}", mjb_error(batch_.get(), world)));
  }
  if (!check_numbers(world) || !check_warnings(world) || !check_speed(world)) return;
  if (!options_.check) return;
  if (!check_energy(world)) return;
  const auto nq = model_->positions();
  check_tunnelling(world, std::span(before).subspan(nq * at(world), nq));
}

bool EngineBatch::check_numbers(int world) {
  for (const int which : {mjSTATE_QPOS, mjSTATE_QVEL}) {
    for (const double value : row(world, which)) {
      if (std::abs(value) <= mjMAXVAL) continue;
      trouble(world, Trouble::not_finite,
              "a coordinate or velocity is no number any more; take a smaller time step, or softer drives");
      return false;
    }
  }
  return true;
}

bool EngineBatch::check_warnings(int world) {
  const mjWarningStat* warnings = mjb_warning(batch_.get()) + static_cast<std::ptrdiff_t>(world) * mjNWARNING;
  const auto is = [&](int which) { return warnings[which].number > 0; };
  if (is(mjWARN_BADQPOS) || is(mjWARN_BADQVEL) || is(mjWARN_BADQACC) || is(mjWARN_BADCTRL)) {
    trouble(world, Trouble::not_finite,
            is(mjWARN_BADCTRL) ? "a command is no number"
                               : "an acceleration is no number or beyond all bounds; take a smaller time step, or "
                                 "softer drives");
  } else if (is(mjWARN_CONTACTFULL) || is(mjWARN_CNSTRFULL)) {
    trouble(world, Trouble::contacts_lost, "there are more contacts than memory was set aside for");
  } else if (is(mjWARN_INERTIA)) {
    trouble(world, Trouble::singular, "an inertia matrix has no inverse; give each moving body a mass");
  }
  return diagnoses_[at(world)].trouble == Trouble::none;
}

bool EngineBatch::check_speed(int world) {
  const std::span<const double> velocity = row(world, mjSTATE_QVEL);
  for (int j = 0; j < engine().njnt; ++j) {
    if (engine().jnt_type[j] != mjJNT_FREE) continue;
    const double speed = math::length(vec(velocity.data() + engine().jnt_dofadr[j]));
    if (speed <= options_.limits.speed) continue;
    trouble(world, Trouble::too_fast,
            fmt::format("a body moves at {:.4g} m/s; the limit is {:.4g} m/s", speed, options_.limits.speed));
    return false;
  }
  return true;
}

// Where nobody drives or pushes, energy can only go down; contacts that begin inside each other and the integrator add
// a little.
bool EngineBatch::check_energy(int world) {
  if (!is_passive(world)) return true;
  const double potential = energy_.of(world)[0], kinetic = energy_.of(world)[1];  // when the last step began
  auto& [first, greatest] = energies_[at(world)];
  if (std::isnan(first)) first = potential + kinetic;
  greatest = std::max(greatest, kinetic);
  constexpr double kLift = 0.05;  // of everything [m], by shapes that overlap at first
  const double growth = potential + kinetic - first;
  if (growth <= options_.limits.energy_growth * greatest + kLift * weight_ + 1e-6) return true;
  trouble(world, Trouble::energy_grew,
          fmt::format("energy grew by {:.4g} J and nobody pushed; take a smaller time step", growth));
  return false;
}

struct RayRequest {
  Vec3 from, way;
  int body;
  bool placed;  ///< The data are this world's own: what is fixed stands in its place.
  bool hit;
};

// Whether a path leads through the surface of something that does not move.
void cast_ray(const mjModel* m, mjData* d, int, void* argument) {
  auto& request = *static_cast<RayRequest*>(argument);
  double from[3], way[3];
  put(from, request.from);
  put(way, request.way);
  if (!request.placed) mj_kinematics(m, d);
  int geom = -1;
  double normal[3];
  const double distance = mj_ray(m, d, from, way, nullptr, 1, request.body, &geom, normal);
  request.hit = geom >= 0 && distance >= 0 && distance < 1 && m->body_weldid[m->geom_bodyid[geom]] == 0 &&
                (m->geom_contype[geom] != 0 || m->geom_conaffinity[geom] != 0);
}

// The centre of a body that flies on its own goes, within one step, through something fixed. Looked at only where a
// body goes farther in a step than its shapes reach inwards.
void EngineBatch::check_tunnelling(int world, std::span<const double> before) {
  const std::span<const double> now = row(world, mjSTATE_QPOS);
  for (int j = 0; j < engine().njnt; ++j) {
    if (engine().jnt_type[j] != mjJNT_FREE) continue;
    const int body = engine().jnt_bodyid[j], address = engine().jnt_qposadr[j];
    double reach = 1e30;
    for (int g = 0; g < engine().body_geomnum[body]; ++g) {
      const int geom = engine().body_geomadr[body] + g;
      reach = std::min(reach, engine().geom_rbound[geom]);
    }
    const Vec3 from = vec(before.data() + address), way = vec(now.data() + address) - from;
    if (math::length(way) < 0.25 * reach || engine().body_geomnum[body] == 0) continue;
    RayRequest request{from, way, body, mjb_persistent(batch_.get()) != 0, false};
    mjb_apply(batch_.get(), &world, 1, cast_ray, &request, 0);
    if (!request.hit) continue;
    return trouble(world, Trouble::tunnelled,
                   fmt::format("a body went through something fixed at ({:.4g}, {:.4g}, {:.4g}) m; take a smaller time "
                               "step, or thicker shapes",
                               from.x, from.y, from.z));
  }
}

// Copied out after each call from now on: not before somebody asks.
void EngineBatch::ask_for_poses() {
  if (xpos_.data) return;
  xpos_ = output("xpos");
  xquat_ = output("xquat");
  cvel_ = output("cvel");
  subtree_com_ = output("subtree_com");
  site_xpos_ = output("site_xpos");
  site_xquat_ = output("site_xquat");
}

void EngineBatch::refresh() {
  if (current_) return;
  ask_for_poses();
  mjb_forward(batch_.get(), nullptr, 0, mjSTAGE_VEL);
  current_ = true;
}

Pose EngineBatch::pose(int world, BodyId body) {
  refresh();
  return told_pose(world, body);
}

void EngineBatch::at_step(int world, std::span<Pose> poses, std::span<Twist> twists) const {
  WM_CHECK(options_.contacts);
  const std::size_t bodies = model_->scene()->mechanics.bodies.size();
  for (std::size_t i = 0; i < poses.size(); ++i) {
    poses[i] = kept_poses_.empty() ? told_pose(world, BodyId(i)) : kept_poses_[at(world) * bodies + i];
  }
  for (std::size_t i = 0; i < twists.size(); ++i) {
    twists[i] = kept_twists_.empty() ? told_twist(world, BodyId(i)) : kept_twists_[at(world) * bodies + i];
  }
}

// Runge-Kutta leaves its last stage behind, not the step's beginning.
void EngineBatch::keep_poses() {
  refresh();
  kept_poses_.clear();
  kept_twists_.clear();
  for (int world = 0; world < options_.worlds; ++world) {
    for (std::size_t i = 0; i < model_->scene()->mechanics.bodies.size(); ++i) {
      kept_poses_.push_back(told_pose(world, BodyId(i)));
      kept_twists_.push_back(told_twist(world, BodyId(i)));
    }
  }
}

struct DistanceRequest {
  const std::vector<int>&a, &b;  ///< The engine's shapes.
  double least;
};

// The data stand where the last step began, as its contacts do.
void measure_distance(const mjModel* m, mjData* d, int, void* argument) {
  auto& request = *static_cast<DistanceRequest*>(argument);
  for (const int a : request.a) {
    for (const int b : request.b) {
      request.least = std::min(request.least, mj_geomDistance(m, d, a, b, request.least, nullptr));
    }
  }
}

double EngineBatch::distance(int world, scene::ShapeId a, scene::ShapeId b, double most) const {
  WM_CHECK(options_.contacts);  // so that the world has data of its own
  const Built& built = model_->built();
  DistanceRequest request{built.shapes[a.index()], built.shapes[b.index()], most};
  const int id = static_cast<int>(at(world));
  mjb_apply(batch_.get(), &id, 1, measure_distance, &request, 0);
  return request.least;
}

Pose EngineBatch::told_pose(int world, BodyId body) const {
  const int id = model_->built().bodies[body.index()];
  return {rotation(xquat_.of(world) + 4 * id), vec(xpos_.of(world) + 3 * id)};
}

// The engine's velocities are about the centre of mass of the whole tree.
Twist EngineBatch::told_twist(int world, BodyId body) const {
  const int id = model_->built().bodies[body.index()];
  const double* both = cvel_.of(world) + 6 * id;
  const Vec3 angular = vec(both);
  const Vec3 arm = vec(xpos_.of(world) + 3 * id) - vec(subtree_com_.of(world) + 3 * engine().body_rootid[id]);
  return {vec(both + 3) + math::cross(angular, arm), angular};
}

Twist EngineBatch::twist(int world, BodyId body) {
  refresh();
  return told_twist(world, body);
}

Pose EngineBatch::site_pose(int world, scene::SiteId site) {
  refresh();
  const int id = model_->built().sites[site.index()];
  return {rotation(site_xquat_.of(world) + 4 * id), vec(site_xpos_.of(world) + 3 * id)};
}

std::span<const double> EngineBatch::sensor(int world, std::size_t index) {
  refresh();
  const int id = model_->built().sensors[index];
  return {sensor_.of(world) + engine().sensor_adr[id], static_cast<std::size_t>(engine().sensor_dim[id])};
}

void measure_mass_matrix(const mjModel* m, mjData* d, int, void* argument) {
  mj_fwdKinematics(m, d);
  mj_makeM(m, d);
  mj_fullM(m, d, static_cast<double*>(argument));
}

std::vector<double> EngineBatch::mass_matrix(int world) {
  std::vector<double> matrix(model_->velocities() * model_->velocities());
  const int id = static_cast<int>(at(world));
  mjb_apply(batch_.get(), &id, 1, measure_mass_matrix, matrix.data(), 0);
  return matrix;
}

void EngineBatch::write(int world, scene::World& values) {
  const scene::Scene& scene = *model_->scene();
  const Built& built = model_->built();
  std::vector<Affine> world_from_node(scene.nodes.size());
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    const scene::NodeId parent = scene.nodes[i].parent;
    const Affine above = parent.exists() ? world_from_node[parent.index()] : Affine();
    world_from_node[i] = above * values.parent_from_node[i];
    const BodyId body = built.body_at[i];
    if (!body.exists()) continue;
    const int id = built.bodies[body.index()];
    if (engine().body_weldid[id] == 0 && engine().body_mocapid[id] < 0) continue;
    world_from_node[i] = Affine(pose(world, body)) * built.placement.nodes[i].body_from_node;
    values.parent_from_node.set(i, above.inverse() * world_from_node[i]);
  }
}

// The block: what it is, which engine and model it is for, the state.
constexpr char kBlockName[8] = {'w', 'm', 'b', 'o', 'd', 'y', '0', '1'};
struct BlockHead {
  char name[8];
  std::uint64_t model;
  std::int32_t engine, numbers;
};

std::string EngineBatch::save(int world) const {
  BlockHead head{{}, engine().signature, mj_version(), mjb_nstate(batch_.get())};
  std::copy(std::begin(kBlockName), std::end(kBlockName), head.name);
  const double* state = mjb_state(batch_.get()) + static_cast<std::ptrdiff_t>(at(world)) * head.numbers;
  std::string block(reinterpret_cast<const char*>(&head), sizeof head);
  block.append(reinterpret_cast<const char*>(state), sizeof(double) * static_cast<std::size_t>(head.numbers));
  return block;
}

Status EngineBatch::restore(int world, std::string_view block) {
  BlockHead head{};
  if (block.size() < sizeof head) return error("a saved state is cut off");
  std::memcpy(&head, block.data(), sizeof head);
  if (!std::equal(std::begin(kBlockName), std::end(kBlockName), head.name)) return error("is no saved state");
  if (head.engine != mj_version()) return error("a saved state is of another version of the engine; simulate again");
  const int numbers = mjb_nstate(batch_.get());
  if (head.model != engine().signature || head.numbers != numbers ||
      block.size() != sizeof head + sizeof(double) * static_cast<std::size_t>(numbers)) {
    return error("a saved state is of another scene; simulate again");
  }
  std::memcpy(mjb_state(batch_.get()) + static_cast<std::ptrdiff_t>(at(world)) * numbers, block.data() + sizeof head,
              block.size() - sizeof head);
  diagnoses_[at(world)] = {};
  current_ = false;
  start_watching(world);
  return {};
}

// ---- values of a world's own

double* EngineBatch::own(int world, Own field) {
  if (!own_[field]) {
    own_[field] = static_cast<double*>(mjb_expand(batch_.get(), kOwnNames[field], &own_size_[field], nullptr));
    WM_CHECK(own_[field]);
  }
  return own_[field] + static_cast<std::ptrdiff_t>(at(world)) * own_size_[field];
}

// What some world has of its own goes back to the model's.
void EngineBatch::forget_values(int world) {
  const mjModel& m = engine();
  const double* const models[kOwnCount] = {m.opt.gravity,      m.body_mass,           m.body_inertia,
                                           m.geom_friction,    m.geom_solref,         m.jnt_range,
                                           m.jnt_stiffness,    m.qpos_spring,         m.dof_damping,
                                           m.dof_armature,     m.dof_frictionloss,    m.actuator_gainprm,
                                           m.actuator_biasprm, m.actuator_forcerange, m.actuator_delay,
                                           m.body_pos,         m.body_quat,           m.geom_pos,
                                           m.geom_quat};
  for (int field = 0; field < kOwnCount; ++field) {
    if (own_[field]) std::copy_n(models[field], own_size_[field], own(world, static_cast<Own>(field)));
  }
  starts_[at(world)].clear();
  speeds_[at(world)].clear();
}

void EngineBatch::own_masses(int world, const scene::World& values) {
  for (std::size_t i = 0; i < values.masses.size(); ++i) {
    const int id = model_->built().bodies[i];
    const double usual = engine().body_mass[id];
    const double mass = (values.masses[i] == 0 ? usual : values.masses[i]) * values.mass_scales[i];
    if (mass == usual) continue;
    const double factor = mass / usual;
    own(world, kMass)[id] = mass;
    for (int k = 0; k < 3; ++k) own(world, kInertia)[3 * id + k] = factor * engine().body_inertia[3 * id + k];
  }
}

void EngineBatch::own_surfaces(int world, const scene::World& values) {
  const scene::Mechanics& m = model_->scene()->mechanics;
  for (std::size_t i = 0; i < m.shapes.size(); ++i) {
    if (!m.shapes[i].surface.exists()) continue;
    const std::size_t surface = m.shapes[i].surface.index();
    const scene::SurfaceValues& v = values.surfaces[surface];
    const scene::SurfaceValues usual = values_of(m.surfaces[surface]);
    if (v == usual) continue;
    for (const int geom : model_->built().shapes[i]) {
      put(own(world, kFriction) + 3 * geom, Vec3{v.friction, v.torsional_friction, v.rolling_friction});
      if (v.restitution == usual.restitution || v.restitution <= 0) continue;
      set_restitution(v.restitution, engine().opt.timestep, own(world, kSolref) + mjNREF * geom);
    }
  }
}

void EngineBatch::own_joints(int world, const scene::World& values) {
  const scene::Mechanics& m = model_->scene()->mechanics;
  for (std::size_t i = 0; i < m.joints.size(); ++i) {
    const scene::JointValues& v = values.joints[i];
    const scene::JointValues usual = values_of(m.joints[i]);
    if (v == usual) continue;
    const int id = model_->built().joints[i];
    const int first = engine().jnt_dofadr[id];
    if (v.lower != usual.lower || v.upper != usual.upper) {
      own(world, kRange)[2 * id] = v.lower;
      own(world, kRange)[2 * id + 1] = v.upper;
    }
    if (v.stiffness != usual.stiffness) own(world, kStiffness)[id] = v.stiffness;
    if (v.spring_reference != usual.spring_reference)
      own(world, kSpring)[engine().jnt_qposadr[id]] = v.spring_reference;
    for (int dof = first; dof < first + m.joints[i].freedoms(); ++dof) {
      if (v.damping != usual.damping) own(world, kDamping)[dof] = v.damping;
      if (v.armature != usual.armature) own(world, kArmature)[dof] = v.armature;
      if (v.friction_loss != usual.friction_loss) own(world, kFrictionLoss)[dof] = v.friction_loss;
    }
  }
}

Status EngineBatch::own_drives(int world, const scene::World& values) {
  const scene::Mechanics& m = model_->scene()->mechanics;
  for (std::size_t i = 0; i < m.drives.size(); ++i) {
    const scene::DriveValues& v = values.drives[i];
    const scene::DriveValues usual = values_of(m.drives[i]);
    if (v == usual) continue;
    const int id = model_->built().drives[i];
    const bool gains = v.stiffness != usual.stiffness || v.damping != usual.damping;
    const scene::DriveKind kind = m.drives[i].kind;
    if (gains && (kind == scene::DriveKind::general || kind == scene::DriveKind::motor)) {
      return error(fmt::format("drive \"{}\" has no gains that could be varied; only position and velocity drives have",
                               m.drives[i].name));
    }
    if (gains) {
      own(world, kGain)[mjNGAIN * id] = kind == scene::DriveKind::position ? v.stiffness : v.damping;
      own(world, kBias)[mjNBIAS * id + 1] = kind == scene::DriveKind::position ? -v.stiffness : 0;
      own(world, kBias)[mjNBIAS * id + 2] = -v.damping;
    }
    if (v.lower_force != usual.lower_force || v.upper_force != usual.upper_force) {
      own(world, kForceRange)[2 * id] = v.lower_force;
      own(world, kForceRange)[2 * id + 1] = v.upper_force;
    }
    if (v.delay != usual.delay) {
      if (v.delay > usual.delay) {
        return error(
            fmt::format("drive \"{}\": a delay of {} s is longer than the {} s that its spec remembers; give "
                        "the spec the longest",
                        m.drives[i].name, v.delay, usual.delay));
      }
      own(world, kDelay)[id] = v.delay;
    }
  }
  return {};
}

// Nodes that stand elsewhere: bodies that fly start there, others and fixed shapes are moved in the model.
void EngineBatch::own_poses(int world, const scene::World& values, std::vector<double>& start) {
  const scene::Scene& scene = *model_->scene();
  const Built& built = model_->built();
  std::vector<Affine> local;
  bool moved = false;
  for (std::size_t i = 0; i < scene.nodes.size(); ++i) {
    local.push_back(values.parent_from_node[i]);
    moved |= !same(local.back(), scene.nodes[i].parent_from_node);
  }
  if (!moved) return;
  const Placement placement = physics::place(scene, built.body_at, local);
  for (std::size_t i = 0; i < built.bodies.size(); ++i) {
    const Pose& pose = placement.parent_from_body[i];
    const Pose& usual = built.placement.parent_from_body[i];
    if (same(Affine(pose), Affine(usual))) continue;
    const int id = built.bodies[i];
    const int joint = engine().body_jntadr[id];
    if (joint >= 0 && engine().jnt_type[joint] == mjJNT_FREE) {
      put(start.data() + engine().jnt_qposadr[joint], pose.translation);
      put(start.data() + engine().jnt_qposadr[joint] + 3, pose.rotation);
    } else {
      put(own(world, kBodyPos) + 3 * id, pose.translation);
      put(own(world, kBodyQuat) + 4 * id, pose.rotation);
    }
  }
  for (std::size_t i = 0; i < scene.mechanics.shapes.size(); ++i) {
    const scene::Shape& shape = scene.mechanics.shapes[i];
    const Placed now = placed_at(placement, shape.node), usual = placed_at(built.placement, shape.node);
    if (same(now.body_from_node, usual.body_from_node)) continue;
    const Pose change =
        frame_of_shape(scene, placement, shape).rigid * frame_of_shape(scene, built.placement, shape).rigid.inverse();
    for (const int geom : built.shapes[i]) {
      const Pose pose = change * Pose{rotation(engine().geom_quat + 4 * geom), vec(engine().geom_pos + 3 * geom)};
      put(own(world, kGeomPos) + 3 * geom, pose.translation);
      put(own(world, kGeomQuat) + 4 * geom, pose.rotation);
    }
  }
}

// Coordinates and velocities that the world begins with.
Status EngineBatch::own_starts(int world, const scene::World& values) {
  const scene::Mechanics& m = model_->scene()->mechanics;
  const std::vector<double> usual(engine().qpos0, engine().qpos0 + engine().nq);
  std::vector<double> start = usual;
  own_poses(world, values, start);
  for (std::size_t i = 0; i < m.joints.size(); ++i) {
    const bool single = m.joints[i].coordinates() == 1;
    if (single && values.joints[i].start != m.joints[i].reference) {
      start[model_->position_of(scene::JointId(i))] = values.joints[i].start;
    }
  }
  if (start != usual) starts_[at(world)] = start;
  for (std::size_t i = 0; i < values.twists.size(); ++i) {
    const Twist& twist = values.twists[i];
    if (twist == Twist()) continue;
    const int joint = engine().body_jntadr[model_->built().bodies[i]];
    if (joint < 0 || engine().jnt_type[joint] != mjJNT_FREE) {
      return error(fmt::format("{} cannot begin with a velocity: it does not fly freely",
                               model_->scene()->node(m.bodies[i].node).path));
    }
    std::vector<double>& speeds = speeds_[at(world)];
    speeds.resize(static_cast<std::size_t>(engine().nv));
    const Rotation turned = rotation(start.data() + engine().jnt_qposadr[joint] + 3);
    put(speeds.data() + engine().jnt_dofadr[joint], twist.linear);
    put(speeds.data() + engine().jnt_dofadr[joint] + 3, turned.inverse() * twist.angular);
  }
  return {};
}

Status EngineBatch::set_values(int world, const scene::World& values) {
  WM_CHECK(values.scene == model_->scene());
  forget_values(world);
  const Vec3 gravity = values.gravity;
  if (!(gravity == vec(engine().opt.gravity))) put(own(world, kGravity), gravity);
  own_masses(world, values);
  own_surfaces(world, values);
  own_joints(world, values);
  WM_TRY_STATUS(own_drives(world, values));
  WM_TRY_STATUS(own_starts(world, values));
  bool derive = false;
  for (int field = 0; field < kOwnCount; ++field) derive |= own_[field] && kDerives[field];
  const int id = world;
  if (derive && mjb_setConst(batch_.get(), &id, 1) != 0) {
    return error(fmt::format("these values make no world: {}", mjb_error(batch_.get(), world)));
  }
  reset(world, -1);
  return {};
}

std::unique_ptr<Batch> EngineModel::batch(const BatchOptions& options) const {
  return std::make_unique<EngineBatch>(std::static_pointer_cast<const EngineModel>(shared_from_this()), options);
}

}  // namespace

const char* name_of(Trouble trouble) {
  constexpr const char* kNames[] = {"none",      "not finite",    "too fast", "energy grew",
                                    "tunnelled", "contacts lost", "singular", "engine failed"};
  return kNames[static_cast<std::size_t>(trouble)];
}

Result<std::shared_ptr<const Model>> compile(std::shared_ptr<const scene::Scene> scene) {
  WM_TRY(built, build(*scene));
  ++compiled;
  return std::make_shared<const EngineModel>(std::move(scene), std::move(built));
}

std::int64_t compile_count() {
  return compiled;
}

}  // namespace wm::physics
