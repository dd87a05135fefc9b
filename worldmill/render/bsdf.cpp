#include "worldmill/render/bsdf.h"

// Shares, with E(c) the albedo of the reflection for a direction of cosine c, <E> its mean:
//
//   facets, one bounce      D F G / (4 ci co)
//   facets, more bounces    often (1 - E1(ci)) (1 - E1(co)) / (pi (1 - <E1>)),   E1: of a mirror without loss
//   Lambert below           color (1 - E(ci)) (1 - E(co)) / (pi (1 - <E>))
//   straight through        color (1 - E(co))
//   scattered through       color min(1 - E(ci), 1 - E(co)) times a lossless mirror's lobes turned to the other side
//   all of it under a coat  times min(1 - coat Ec(ci), 1 - coat Ec(co))

namespace wm::render {

using math::Vec3f;

namespace {

constexpr float kCoatF0 = 0.04f;

float luminance(Vec3f c) {
  return 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z;
}

float alpha_of(float roughness) {
  return std::max(roughness * roughness, kMinAlpha);
}

// Kulla and Conty's share of light that bounced more than once.
float often(float f0, float f90, float rest_mean) {
  const float mean = f0 + (f90 - f0) / 21;  // of Schlick's Fresnel, weighted by the cosine
  return mean * mean * (1 - rest_mean) / (1 - mean * rest_mean);
}

// One bounce between facets: value without Fresnel, times the cosine of `in`, and the density of visible_normal.
struct Facets {
  float value, density, cosine;  // cosine: of either direction with the facet
};

Facets facets(Vec3f out, Vec3f in, float alpha, float lambda_out) {
  const Vec3f sum = out + in;
  const float size = math::length(sum);
  if (!(size > 1e-6f)) return {0, 0, 0};
  const Vec3f half = sum / size;
  const float shared = ggx_density(half, alpha) / (4 * out.z);
  return {shared / (1 + lambda_out + smith_lambda(in.z, alpha)), shared / (1 + lambda_out), math::dot(out, half)};
}

Vec3f cosine_direction(math::Vec2f at) {
  const math::SinCosF turn = math::sincos(2 * kPi * at.x);
  const float r = std::sqrt(at.y);
  return {r * turn.cos, r * turn.sin, std::sqrt(1 - at.y)};
}

}  // namespace

Bsdf::Bsdf(const SurfaceLook& look, Vec3f out)
    : out_(out),
      coat_alpha_(alpha_of(look.clearcoat_roughness)),
      coat_albedos_(coat_alpha_),
      alpha_(alpha_of(look.roughness)),
      lambda_(smith_lambda(out.z, alpha_)),
      albedos_(alpha_),
      albedo_out_(albedos_.at(out.z)) {
  if (look.clearcoat > 0) set_coat(look);
  set_mirror(look);
  if (look.metallic < 1) set_base(look);
  set_picks();
}

void Bsdf::set_coat(const SurfaceLook& look) {
  coat_ = look.clearcoat;
  coat_lambda_ = smith_lambda(out_.z, coat_alpha_);
  coat_passes_out_ = coat_passes(out_.z);
}

void Bsdf::set_mirror(const SurfaceLook& look) {
  rest_out_ = std::max(0.0f, 1 - albedo_out_.total());
  rest_mean_ = std::max(1e-6f, 1 - albedos_.mean().total());
  const float step = (look.ior - 1) / (look.ior + 1), metallic = look.metallic;
  dielectric_f0_ = step * step;
  dielectric_f90_ = std::min(1.0f, 50 * dielectric_f0_);  // an ior of 1 is no surface
  dielectric_often_ = often(dielectric_f0_, dielectric_f90_, rest_mean_);
  const auto blended = [&](float dielectric, float metal) { return dielectric + (metal - dielectric) * metallic; };
  const Vec3f c = look.base_color;
  f0_ = {blended(dielectric_f0_, c.x), blended(dielectric_f0_, c.y), blended(dielectric_f0_, c.z)};
  f90_ = Vec3f{1, 1, 1} * blended(dielectric_f90_, 1);
  often_ = {blended(dielectric_often_, often(c.x, 1, rest_mean_)),
            blended(dielectric_often_, often(c.y, 1, rest_mean_)),
            blended(dielectric_often_, often(c.z, 1, rest_mean_))};
}

void Bsdf::set_base(const SurfaceLook& look) {
  reaches_out_ = reaches_base(albedo_out_);
  reaches_mean_ = reaches_base(albedos_.mean());
  const Vec3f color = look.base_color * (1 - look.metallic);
  diffuse_ = color * (1 - look.transmission);
  const Vec3f passing = color * look.transmission;
  if (alpha_ < kClearAlpha) {
    clear_ = passing * (reaches_out_ * coat_passes_out_);
  } else {
    through_ = passing;
  }
}

void Bsdf::set_picks() {
  pick_coat_ = 1 - coat_passes_out_;
  pick_mirror_ = coat_passes_out_ * luminance(f0_ * albedo_out_.low + f90_ * albedo_out_.high);
  pick_diffuse_ = coat_passes_out_ * (luminance(diffuse_) * reaches_out_ + luminance(often_) * rest_out_);
  pick_through_ = coat_passes_out_ * luminance(through_) * reaches_out_;
  pick_clear_ = luminance(clear_);
  const float sum = pick_coat_ + pick_mirror_ + pick_diffuse_ + pick_through_ + pick_clear_;
  if (!(sum > 0)) return;
  for (float* pick : {&pick_coat_, &pick_mirror_, &pick_diffuse_, &pick_through_, &pick_clear_}) *pick /= sum;
}

float Bsdf::coat_passes(float cosine) const {
  if (coat_ == 0) return 1;
  const MirrorAlbedo albedo = coat_albedos_.at(cosine);
  return 1 - coat_ * (kCoatF0 * albedo.low + albedo.high);
}

float Bsdf::reaches_base(const MirrorAlbedo& albedo) const {
  return 1 - dielectric_f0_ * albedo.low - dielectric_f90_ * albedo.high - dielectric_often_ * (1 - albedo.total());
}

Scattering Bsdf::evaluate(Vec3f in) const {
  if (in.z > 1e-6f) return reflected(in);
  if (in.z < -1e-6f && pick_through_ > 0) return transmitted(in);
  return {};
}

Scattering Bsdf::reflected(Vec3f in) const {
  const Facets facet = facets(out_, in, alpha_, lambda_);
  const float fresnel = schlick(facet.cosine);
  const MirrorAlbedo albedo_in = albedos_.at(in.z);
  const float rest_in = std::max(0.0f, 1 - albedo_in.total());
  Vec3f value = (f0_ + (f90_ - f0_) * fresnel) * facet.value + often_ * (rest_out_ * rest_in / rest_mean_ * in.z / kPi);
  if (pick_diffuse_ > 0 && luminance(diffuse_) > 0) {
    value += diffuse_ * (reaches_out_ * reaches_base(albedo_in) / reaches_mean_ * in.z / kPi);
  }
  float density = pick_mirror_ * facet.density + pick_diffuse_ * in.z / kPi;
  if (coat_ > 0) {
    const Facets coat = facets(out_, in, coat_alpha_, coat_lambda_);
    value *= std::min(coat_passes_out_, coat_passes(in.z));
    value += Vec3f{1, 1, 1} * (coat_ * (kCoatF0 + (1 - kCoatF0) * schlick(coat.cosine)) * coat.value);
    density += pick_coat_ * coat.density;
  }
  return {value, density};
}

Scattering Bsdf::transmitted(Vec3f in) const {
  const Vec3f turned{in.x, in.y, -in.z};
  const Facets facet = facets(out_, turned, alpha_, lambda_);
  const MirrorAlbedo albedo_in = albedos_.at(turned.z);
  const float rest_in = std::max(0.0f, 1 - albedo_in.total());
  const float shape = facet.value + rest_out_ * rest_in / rest_mean_ * turned.z / kPi;
  float share = std::min(reaches_out_, reaches_base(albedo_in));
  if (coat_ > 0) share *= std::min(coat_passes_out_, coat_passes(turned.z));
  return {through_ * (share * shape), pick_through_ * ((1 - rest_out_) * facet.density + rest_out_ * turned.z / kPi)};
}

ScatteringSample Bsdf::sample(float pick, math::Vec2f at) const {
  Vec3f in;
  const auto mirrored = [&](float alpha) {
    const Vec3f half = visible_normal(out_, alpha, at);
    return half * (2 * math::dot(out_, half)) - out_;
  };
  if (pick < pick_clear_) return {-out_, clear_ / pick_clear_, 0, true};
  pick -= pick_clear_;
  if (pick < pick_through_) {
    const float share = pick / pick_through_;
    in = share < rest_out_ ? cosine_direction(at) : mirrored(alpha_);
    in.z = -in.z;
    if (in.z > 0) return {};
  } else if ((pick -= pick_through_) < pick_diffuse_) {
    in = cosine_direction(at);
  } else if (pick - pick_diffuse_ < pick_coat_) {
    in = mirrored(coat_alpha_);
    if (in.z < 0) return {};
  } else {
    if (pick_mirror_ == 0) return {};
    in = mirrored(alpha_);
    if (in.z < 0) return {};
  }
  in = math::normalized(in);
  const Scattering scattering = evaluate(in);
  if (!(scattering.density > 0)) return {};
  return {in, scattering.value / scattering.density, scattering.density, false};
}

}  // namespace wm::render
