{-# LANGUAGE OverloadedStrings #-}
{-# OPTIONS_GHC -Wno-orphans #-}

-- | Values at random, of the types of the mirror.
module Sample
  ( Times (..),
    Durations (..),
    Unicode (..),
    scalar,
    withoutDisplay,
  )
where

import Data.Bits ((.|.))
import Data.Int (Int32)
import Data.Text (Text)
import qualified Data.Text as Text
import Data.Time (NominalDiffTime, UTCTime (..), addUTCTime, fromGregorian)
import Data.Word (Word64)
import Mirror
import Test.QuickCheck
import Test.QuickCheck.Instances ()
import Prelude hiding (Nothing)

-- | A time in nanoseconds, since Rust's has no more; between the years 1 and
-- 9999.
newtype Times = Times UTCTime
  deriving (Eq, Show)

instance Arbitrary Times where
  arbitrary = do
    day <- choose (0, 3652058)
    nanos <- choose (0, 86400 * 10 ^ (9 :: Int) - 1)
    pure (Times (addUTCTime (fromInteger (86400 * day) + nanoseconds nanos) (UTCTime (fromGregorian 1 1 1) 0)))

-- | A duration in nanoseconds, of up to 2^64 seconds.
newtype Durations = Durations NominalDiffTime
  deriving (Eq, Show)

instance Arbitrary Durations where
  arbitrary = do
    seconds <- arbitrary :: Gen (Large Word64)
    nanos <- choose (0, 10 ^ (9 :: Int) - 1)
    pure (Durations (fromIntegral (getLarge seconds) + nanoseconds nanos))

-- | Rust's characters are without surrogates.
scalar :: Char -> Char
scalar c = if c >= '\xd800' && c < '\xe000' then '\xfffd' else c

-- | A text, also of characters that take several bytes.
newtype Unicode = Unicode {getUnicode :: Text}
  deriving (Show)

instance Arbitrary Unicode where
  arbitrary = Unicode . Text.pack . map scalar <$> listOf (frequency [(3, choose ('\0', '\x7f')), (1, arbitrary)])

-- | Without the message, which Rust makes anew.
withoutDisplay :: Mishap -> Mishap
withoutDisplay failure = case failure of
  MishapMissing _ -> MishapMissing ""
  MishapTooLarge size limit _ -> MishapTooLarge size limit ""
  MishapOther why _ -> MishapOther why ""

nanoseconds :: Integer -> NominalDiffTime
nanoseconds count = fromRational (toRational count / 10 ^ (9 :: Int))

instance Arbitrary Record where
  arbitrary = Record <$> arbitrary <*> arbitrary <*> arbitrary <*> fmap (fmap scalar) arbitrary

instance Arbitrary Metres where
  arbitrary = Metres <$> arbitrary

instance Arbitrary Span where
  arbitrary = Span <$> arbitrary <*> arbitrary

instance Arbitrary Nothing where
  arbitrary = pure Nothing

instance Arbitrary Shape where
  arbitrary =
    oneof
      [ pure ShapeEmpty,
        ShapeCircle <$> arbitrary,
        ShapeLine <$> arbitrary <*> arbitrary,
        ShapeBox <$> arbitrary <*> arbitrary
      ]

instance Arbitrary Only where
  arbitrary = OnlyOne <$> arbitrary

instance Arbitrary Wide where
  arbitrary = arbitraryBoundedEnum

instance Arbitrary Tree where
  arbitrary = sized $ \size -> do
    count <- choose (0, min 3 size)
    Tree <$> arbitrary <*> vectorOf count (resize (size `div` 3) arbitrary)

instance Arbitrary Chain where
  arbitrary = foldr ChainLink ChainEnd <$> (arbitrary :: Gen [Int32])

instance Arbitrary PageWord32 where
  arbitrary = PageWord32 <$> arbitrary <*> arbitrary

instance Arbitrary PageRecord where
  arbitrary = PageRecord <$> few arbitrary <*> arbitrary

instance Arbitrary Nest where
  arbitrary = scale (`div` 4) (Nest <$> arbitrary <*> arbitrary <*> arbitrary)

instance Arbitrary Mishap where
  arbitrary =
    oneof
      [ MishapMissing <$> arbitrary,
        MishapTooLarge <$> arbitrary <*> arbitrary <*> arbitrary,
        MishapOther <$> arbitrary <*> arbitrary
      ]

instance Arbitrary Refusal where
  arbitrary = Refusal <$> arbitrary <*> arbitrary

instance Arbitrary Mode where
  arbitrary = foldr (.|.) (Mode 0) <$> sublistOf [modeRead, modeWrite, modeReadOnlyOnce]

few :: Gen a -> Gen [a]
few gen = choose (0, 5) >>= \count -> vectorOf count gen
